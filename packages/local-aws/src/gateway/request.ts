import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** One HTTP request, read in full and within the limits of an HTTP API. */
export interface GatewayRequest {
  readonly id: string;
  readonly receivedAt: number;
  readonly method: string;
  /** As sent, still percent-encoded. */
  readonly path: string;
  readonly query: string;
  readonly protocol: string;
  /** Lower-case names; those that came more than once are joined by a comma. Without cookies. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly sourceIp: string;
  readonly body: { readonly text: string; readonly isBase64Encoded: boolean } | undefined;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_HEADER_BYTES = 10_240;
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** A request that the gateway refuses by itself. */
export class GatewayRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "GatewayRefusal";
    this.status = status;
  }
}

/** @throws GatewayRefusal 431 or 413 */
export async function readRequest(message: IncomingMessage): Promise<GatewayRequest> {
  assertHeaderSize(message);
  const url = message.url ?? "/";
  const [path = "/", ...query] = url.split("?");
  const { cookie, ...headers } = joinHeaders(message.rawHeaders);
  return {
    id: randomUUID(),
    receivedAt: Date.now(),
    method: message.method ?? "GET",
    path,
    query: query.join("?"),
    protocol: `HTTP/${message.httpVersion}`,
    headers,
    cookies: cookie?.split(/; ?|,/).filter((part) => part !== "") ?? [],
    sourceIp: message.socket.remoteAddress ?? "",
    body: encodeBody(await readBody(message), headers["content-type"]),
  };
}

function assertHeaderSize({ rawHeaders, method = "", url = "" }: IncomingMessage): void {
  const bytes = rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text, "latin1") + 2, 0);
  if (bytes + method.length + url.length > MAX_HEADER_BYTES) {
    throw new GatewayRefusal(431, "Request Header Fields Too Large");
  }
}

function joinHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const joined = Object.create(null) as Record<string, string>;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    const value = rawHeaders[index + 1] ?? "";
    const before = joined[name];
    joined[name] = before === undefined ? value : `${before},${value}`;
  }
  return joined;
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The connection must survive a refusal, or the caller never sees the answer.
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) {
      throw new GatewayRefusal(413, "Request Entity Too Large");
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

const TEXT_TYPE = /^(?:text\/|application\/(?:json|javascript|xml|[\w.+-]+\+(?:json|xml))(?:;|$))/i;

/**
 * Text goes as it is; everything else, and text that is not UTF-8 and so fits into no JSON, as
 * base64.
 */
function encodeBody(bytes: Buffer, contentType = ""): GatewayRequest["body"] {
  if (bytes.length === 0) {
    return undefined;
  }
  return TEXT_TYPE.test(contentType) && isUtf8(bytes)
    ? { text: bytes.toString("utf8"), isBase64Encoded: false }
    : { text: bytes.toString("base64"), isBase64Encoded: true };
}
