/** Reads request bodies, sends JSON. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { JsonAnswer } from "./rollup-errors";

const MAX_BODY_BYTES = 262_144;

/** @throws Error above 256 KiB */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      throw new Error("body is too large");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Undefined for what is not JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request);
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/**
 * Urlencoded or multipart, as `request.formData()` of the real one. Undefined for anything else.
 */
export async function readForm(request: IncomingMessage): Promise<FormData | undefined> {
  try {
    const body = new Uint8Array(await readBody(request));
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    const form = new Response(body, { headers });
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- meant for public servers; this one is on loopback and reads as the real one does
    return await form.formData();
  } catch {
    return undefined;
  }
}

export function queryOf(request: IncomingMessage): URLSearchParams {
  return new URLSearchParams((request.url ?? "").split("?").slice(1).join("?"));
}

export function sendAnswer(response: ServerResponse, { status, body, headers }: JsonAnswer): void {
  sendJson(response, status, body, headers);
}

/** @param body a string is sent as it is */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    pragma: "no-cache",
    ...headers,
  });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}
