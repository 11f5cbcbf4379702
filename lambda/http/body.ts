/**
 * Reads the body of a request: size, media type, encoding and shape are checked before a route sees
 * it.
 */
import * as v from "valibot";
import { InvalidRequestError } from "../errors";
import { keepsDigits } from "../numbers";
import type { HttpEvent } from "./event";

/** Bytes; far above the largest body that a route accepts. */
const MAX_BODY_BYTES = 16_384;

/** A strict object: an unknown member is an error (S23). */
export type BodySchema = v.GenericSchema<Record<string, unknown>, Record<string, unknown>>;

const MEDIA_TYPE = /^application\/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?[ \t]*$/i;
/** RFC 7396, which has no parameters; a merge patch makes sense with PATCH alone. */
const MERGE_PATCH = /^application\/merge-patch\+json[ \t]*$/i;
const MAX_BASE64_LENGTH = Math.ceil(MAX_BODY_BYTES / 3) * 4;
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * An absent or empty body is `{}`, regardless of its media type.
 * @throws InvalidRequestError
 */
export function readBody<S extends BodySchema>(event: HttpEvent, schema: S): v.InferOutput<S> {
  const result = v.safeParse(schema, parse(event));
  if (!result.success) {
    const isUnknown = result.issues.some(({ expected }) => expected === "never");
    throw new InvalidRequestError(isUnknown ? "unknown_member" : "invalid_member");
  }
  return result.output;
}

/** For routes that accept no body. */
export function assertNoBody(event: HttpEvent): void {
  if (event.body !== undefined && event.body !== "") {
    throw new InvalidRequestError("unexpected_body");
  }
}

function parse(event: HttpEvent): object {
  if (event.body === undefined || event.body === "") {
    return {};
  }
  const bytes = bounded(event.body, event.isBase64Encoded);
  assertMediaType(event);
  // A lone surrogate cannot come from UTF-8; Buffer.from would have replaced it silently.
  if (!event.body.isWellFormed()) {
    throw new InvalidRequestError("malformed_encoding");
  }
  const value = parseJson(decode(bytes));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidRequestError("malformed_json");
  }
  return value;
}

function bounded(body: string, isBase64Encoded: boolean): Buffer {
  if (body.length > (isBase64Encoded ? MAX_BASE64_LENGTH : MAX_BODY_BYTES)) {
    throw new InvalidRequestError("payload_too_large");
  }
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > MAX_BODY_BYTES) {
    throw new InvalidRequestError("payload_too_large");
  }
  return bytes;
}

/** Checked before the bytes: an image is the wrong media type, not malformed UTF-8. */
function assertMediaType({ method, headers }: HttpEvent): void {
  const encoding = headers["content-encoding"] ?? "identity";
  const type = headers["content-type"] ?? "";
  const isKnown = MEDIA_TYPE.test(type) || (method === "PATCH" && MERGE_PATCH.test(type));
  if (!isKnown || encoding !== "identity") {
    throw new InvalidRequestError("unsupported_media_type");
  }
}

/**
 * Only of what is JSON by now: numbers, and strings so that nothing inside of them is taken for
 * one.
 */
const NUMBERS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

function decode(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new InvalidRequestError("malformed_encoding");
  }
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text, assertExact);
    assertNumbers(text);
    return value;
  } catch (error) {
    throw error instanceof InvalidRequestError ? error : new InvalidRequestError("malformed_json");
  }
}

/**
 * At any depth. `__proto__` is data to some code and a prototype to other code; a lone surrogate
 * (`"\ud800"`) is valid JSON but no store could give it back.
 */
function assertExact(name: string, value: unknown): unknown {
  if (name === "__proto__") {
    throw new InvalidRequestError("unknown_member");
  }
  if (!name.isWellFormed() || (typeof value === "string" && !value.isWellFormed())) {
    throw new InvalidRequestError("invalid_member");
  }
  return value;
}

/** Refuses a number that a double cannot represent, rather than storing another one. */
function assertNumbers(text: string): void {
  for (const [token] of text.matchAll(NUMBERS)) {
    if (!token.startsWith('"') && !keepsDigits(token)) {
      throw new InvalidRequestError("invalid_member");
    }
  }
}
