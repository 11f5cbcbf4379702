/** One request exactly as it is written here: duplicate headers and odd bytes included. */
import { request as send } from "node:http";

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly bearer?: string;
  readonly json?: unknown;
  /** Sent as it is, without a content type. */
  readonly body?: string | Buffer;
  /** Name, value, name, value, … */
  readonly headers?: readonly string[];
  /** Loopback address that the request comes from. @default 127.0.0.1 */
  readonly from?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Parsed JSON; undefined where it is none. Tests look into it as they like. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the tests' assertions are its types
  readonly body: any;
}

export function exchange(url: string, request: Call): Promise<Answer> {
  const { method, path, bearer, json, body, headers = [], from } = request;
  const payload = json === undefined ? body : JSON.stringify(json);
  const { hostname, port, host } = new URL(url);
  const all = [
    "host",
    host,
    ...(bearer === undefined ? [] : ["authorization", `Bearer ${bearer}`]),
    ...(json === undefined ? [] : ["content-type", "application/json"]),
    ...(payload === undefined ? [] : ["content-length", String(Buffer.byteLength(payload))]),
    ...headers,
  ];
  return new Promise<Answer>((resolve, reject) => {
    const target = { hostname, port, method, path, headers: all, localAddress: from };
    const sending = send(target, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const status = response.statusCode ?? 0;
        resolve({ status, headers: response.headers, text, body: parse(text) });
      });
    });
    sending.on("error", reject);
    sending.end(payload);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
