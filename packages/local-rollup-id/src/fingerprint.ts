/** What the ledger shows instead of a token. */
import { createHash } from "node:crypto";
import { decodeJwt } from "jose";

/**
 * First 16 hex digits of the SHA-256 of the token's `jti`, which stays the same however often it
 * is signed.
 */
export function fingerprintOfJti(jti: string): string {
  return createHash("sha256").update(jti).digest("hex").slice(0, 16);
}

/** The same of a token; of the text itself where that has no `jti`. */
export function fingerprint(token: string): string {
  return fingerprintOfJti(unverifiedJti(token) ?? token);
}

/** Undefined where there is none to be read. */
export function unverifiedJti(token: string): string | undefined {
  try {
    const { jti } = decodeJwt(token);
    return typeof jti === "string" ? jti : undefined;
  } catch {
    return undefined;
  }
}
