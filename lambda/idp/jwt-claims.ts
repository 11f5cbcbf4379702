/** The claims of a JWT that came straight from the token endpoint. Not verified: for what TLS already vouches for. */

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

/** `exp` in epoch seconds, where there is a sane one. */
export function unverifiedExpiry(jwt: string): number | undefined {
  const exp = decodeUnverifiedClaims(jwt)?.["exp"];
  return typeof exp === "number" && Number.isFinite(exp) ? exp : undefined;
}
