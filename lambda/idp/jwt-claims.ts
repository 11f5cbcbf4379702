/**
 * Claims of a JWT from the token endpoint, without verification: for facts that TLS vouches for.
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
 * When a new token expires by our clock: by `exp`, or by `exp - iat` where the provider's clock is
 * ahead.
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
