/**
 * The claims of a JWT that came straight from the token endpoint. Not verified: for what TLS
 * already vouches for.
 */
import type { EpochMs } from "../model";

export function decodeUnverifiedClaims(jwt: string): Readonly<Record<string, unknown>> | undefined {
  const payload = jwt.split(".");
  if (payload.length !== 3) {
    return undefined;
  }
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload[1] ?? "", "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null && !Array.isArray(claims)
      ? (claims as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * When a token that has just come runs out by our clock, where it says so sanely: by `exp`, or by
 * its lifetime where the provider's clock is ahead.
 */
export function unverifiedExpiry(jwt: string, now: EpochMs): EpochMs | undefined {
  const { exp, iat } = decodeUnverifiedClaims(jwt) ?? {};
  if (!isFinite(exp)) {
    return undefined;
  }
  const lifetime = isFinite(iat) && iat <= exp ? exp - iat : Infinity;
  return Math.min(exp * 1000, now + lifetime * 1000);
}

function isFinite(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
