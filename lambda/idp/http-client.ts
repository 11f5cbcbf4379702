/**
 * Requests to the identity provider: https (plain http on loopback only), no redirects, one deadline from connecting to the last
 * byte, a cap on the size (S07, S43, S52). Not the global `fetch`: its first call costs a cold start tens of milliseconds, and it
 * does not say whether a failed request had been sent.
 */
import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { HttpClient, HttpRequest, HttpResponse } from "../ports";
import { HttpFailure } from "../ports";

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/;

/** Each request has a connection of its own: on a reused one it would be unknown whether a request was sent. */
export function createHttpClient(): HttpClient {
  return {
    send: async (request) =>
      await new Promise<HttpResponse>((resolve, reject) => {
        const url = allowed(request.url);
        if (url === undefined) {
          reject(new HttpFailure(false));
          return;
        }
        const outgoing = open(url, request);
        if (outgoing === undefined) {
          reject(new HttpFailure(false));
          return;
        }
        exchange(outgoing, request, { resolve, reject });
      }),
  };
}

/** Undefined where Node refuses to write the request at all, e.g. for a line break in a header. */
function open(url: URL, request: HttpRequest): ClientRequest | undefined {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  try {
    return send(url, { method: request.method, headers: headersOf(request), agent: false });
  } catch {
    return undefined;
  }
}

interface Settle {
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (failure: HttpFailure) => void;
}

function exchange(outgoing: ClientRequest, request: HttpRequest, settle: Settle): void {
  let isConnected = false;
  // No cause is passed on: Node's errors name the host, and a parse error holds the bytes of the answer, tokens and all.
  const fail = () => {
    clearTimeout(timer);
    outgoing.destroy();
    settle.reject(new HttpFailure(isConnected));
  };
  const timer = setTimeout(fail, request.timeoutMs);
  outgoing.on("socket", (socket) => {
    const event = outgoing.protocol === "https:" ? "secureConnect" : "connect";
    // From here on bytes may have left: whatever happens, the provider may have seen the request.
    socket.once(event, () => {
      isConnected = true;
    });
  });
  outgoing.on("error", fail);
  outgoing.on("response", (incoming) => {
    collect(incoming, request.maxBytes).then((body) => {
      clearTimeout(timer);
      settle.resolve({ status: incoming.statusCode ?? 0, headers: headersIn(incoming), body });
    }, fail);
  });
  outgoing.end(request.body);
}

async function collect(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new Error("answer is too large");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function allowed(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe =
    url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  return isSafe ? url : undefined;
}

function headersOf({ headers, body }: HttpRequest): Record<string, string> {
  return {
    ...headers,
    ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
  };
}

function headersIn(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}
