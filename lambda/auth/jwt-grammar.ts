/**
 * The only spelling of a JWT that is accepted: compact serialisation, strict base64url, a closed
 * header.
 */
import { isUtf8 } from "node:buffer";
import { UnauthorizedError } from "../errors";
import { ID_TOKEN_ALGS } from "../facts";
import type { IdTokenPolicy } from "../ports/profile";
import type { Alg } from "./jwk";

export interface UnverifiedJwt {
  readonly header: { readonly alg: Alg; readonly kid: string | undefined };
  readonly payload: Readonly<Record<string, unknown>>;
}

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const MAX_KID_LENGTH = 128;
/**
 * Extensions that change how a token is to be read (RFC 7515 section 4.1.11, RFC 7797): none is
 * supported.
 */
const FORBIDDEN_HEADERS = ["crit", "b64"];

/**
 * Reads header and payload without believing them. Size first, then grammar, then JSON (S15, S16,
 * S17).
 * @throws UnauthorizedError `malformed_token`, `disallowed_algorithm`, `disallowed_header` or
 * `wrong_token_kind`
 */
export function readUnverifiedJwt(token: string, policy: IdTokenPolicy): UnverifiedJwt {
  if (token.length > policy.maxBytes || !COMPACT.test(token)) {
    throw new UnauthorizedError("malformed_token");
  }
  const [header, payload] = token.split(".").map(decodeCanonical);
  return { header: readHeader(parseObject(header), policy), payload: parseObject(payload) };
}

/** Unused bits of the last character must be zero, or one token would have several spellings. */
function decodeCanonical(part: string): Buffer {
  const bytes = Buffer.from(part, "base64url");
  if (bytes.toString("base64url") !== part) {
    throw new UnauthorizedError("malformed_token");
  }
  return bytes;
}

function readHeader(header: Readonly<Record<string, unknown>>, policy: IdTokenPolicy) {
  const { kid, typ } = header;
  const alg = policy.algs.find((allowed) => allowed === header["alg"]);
  if (alg === undefined) {
    const isKnown = ID_TOKEN_ALGS.some((known) => known === header["alg"]);
    const setting = isKnown && policy.isAdjustable === true ? "idp.idTokenSigningAlgs" : undefined;
    throw new UnauthorizedError("disallowed_algorithm", { setting });
  }
  if (FORBIDDEN_HEADERS.some((name) => Object.hasOwn(header, name))) {
    throw new UnauthorizedError("disallowed_header");
  }
  if (typ !== undefined && !(typeof typ === "string" && policy.types.includes(typ.toUpperCase()))) {
    throw new UnauthorizedError("wrong_token_kind");
  }
  if (isKid(kid) || (kid === undefined && policy.isKidOptional === true)) {
    return { alg, kid };
  }
  throw new UnauthorizedError("disallowed_header");
}

function isKid(kid: unknown): kid is string {
  return typeof kid === "string" && kid !== "" && kid.length <= MAX_KID_LENGTH;
}

/**
 * The last one of two members with the same name counts (RFC 7519 section 4 leaves the choice),
 * here as in aws-jwt-verify, so that what was checked is what is verified. `__proto__` becomes a
 * member like any other, never a prototype.
 */
function parseObject(bytes: Buffer | undefined): Readonly<Record<string, unknown>> {
  try {
    // Bytes that are not UTF-8 would be read as U+FFFD, and two tokens as one.
    const value: unknown = bytes && isUtf8(bytes) ? JSON.parse(bytes.toString("utf8")) : undefined;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Refused below, like any other input that is not a JSON object.
  }
  throw new UnauthorizedError("malformed_token");
}
