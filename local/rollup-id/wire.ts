import type { IncomingMessage, ServerResponse } from "node:http";

const MAX_BODY_BYTES = 262_144;

/** @throws Error above 256 KiB */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
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

/** Urlencoded or multipart, as `request.formData()` of the real one. @throws Error for anything else */
export async function readForm(request: IncomingMessage): Promise<FormData> {
  const body = new Uint8Array(await readBody(request));
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  const form = new Response(body, { headers });
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- meant for public servers; this one is on loopback and reads as the real one does
  return await form.formData();
}

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

/** A page of our own: no script runs, nothing is loaded from anywhere, nobody may frame it. */
export function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  response.end(html);
}
