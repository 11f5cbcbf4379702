/**
 * The only spelling of a JWT that is accepted: compact serialisation, strict base64url, a closed
 * header.
 */
import { isUtf8 } from "node:buffer";
import { UnauthorizedError } from "../errors";
import { ID_TOKEN_ALGS } from "../facts";
import type { IdTokenPolicy } from "../ports/profile";
import type { Alg } from "./jwk";
import type { SignedBytes } from "./jws";

export interface UnverifiedJwt extends SignedBytes {
  readonly header: { readonly alg: Alg; readonly kid: string | undefined };
  readonly payload: Readonly<Record<string, unknown>>;
}

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const MAX_KID_LENGTH = 128;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/**
 * What canonical base64url may end with, by how many characters its last group has (RFC 4648
 * section 3.5): all four, or three or two without unused bits.
 */
const LAST_CHARACTERS = [ALPHABET, "", "AQgw", "AEIMQUYcgkosw048"];
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
  const payloadAt = token.indexOf(".") + 1;
  const signatureAt = token.indexOf(".", payloadAt) + 1;
  const header = decodeCanonical(token.slice(0, payloadAt - 1));
  const payload = decodeCanonical(token.slice(payloadAt, signatureAt - 1));
  const signature = decodeCanonical(token.slice(signatureAt));
  return {
    header: readHeader(parseObject(header), policy),
    payload: parseObject(payload),
    signingInput: Buffer.from(token.slice(0, signatureAt - 1), "latin1"),
    signature,
  };
}

/** Unused bits of the last character must be zero, or one token would have several spellings. */
function decodeCanonical(part: string): Buffer {
  const isCanonical = LAST_CHARACTERS[part.length % 4]?.includes(part.slice(-1));
  if (isCanonical !== true) {
    throw new UnauthorizedError("malformed_token");
  }
  return Buffer.from(part, "base64url");
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
 * The last one of two members with the same name counts (RFC 7519 section 4 leaves the choice).
 * `__proto__` becomes a member like any other, never a prototype.
 */
function parseObject(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    // Bytes that are not UTF-8 would be read as U+FFFD, and two tokens as one.
    const value: unknown = isUtf8(bytes) ? JSON.parse(bytes.toString("utf8")) : undefined;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Refused below, like any other input that is not a JSON object.
  }
  throw new UnauthorizedError("malformed_token");
}
