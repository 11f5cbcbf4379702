/**
 * dynalite without a socket: the real SDK writes requests, the real engine answers them, and a
 * million of them take minutes. As unkind as the engine is, since it is the engine.
 */
import { EventEmitter } from "node:events";
import dynalite from "dynalite";

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface Response {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

function bytesOf(body: string | Uint8Array = ""): Buffer {
  return typeof body === "string"
    ? Buffer.from(body)
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

/** Answers as a server would, in the same process. */
async function answer(server: EventEmitter, request: Request): Promise<Response> {
  const { method, path: url, headers, body } = request;
  const incoming = Object.assign(new EventEmitter(), { method, url, headers });
  return await new Promise<Response>((resolve) => {
    const outgoing = {
      statusCode: 200,
      sent: {} as Record<string, string>,
      setHeader(name: string, value: unknown) {
        this.sent[name.toLowerCase()] = String(value);
      },
      end(text: string) {
        const { statusCode, sent } = this;
        resolve({ statusCode, headers: sent, body: Buffer.from(text) });
      },
    };
    server.emit("request", incoming, outgoing);
    incoming.emit("data", bytesOf(body));
    incoming.emit("end");
  });
}

/** @returns a request handler for one DynamoDB client: an engine of its own, in memory */
export function createInProcessEngine() {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  return {
    handle: async (request: unknown) => ({
      response: await answer(server, request as Request),
    }),
  };
}
