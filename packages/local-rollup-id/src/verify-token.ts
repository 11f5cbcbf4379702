/**
 * Rollup ID's own look at a token: signature, and `exp` if there is one. Nothing tells it the kind
 * of token (Q5).
 */
import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import type { Memory } from "./provider-memory";
import { RollupError } from "./rollup-errors";
import { publicJwks } from "./signing-keys";

export interface VerifyWorld {
  readonly memory: Memory;
  readonly now: () => number;
}

/** @throws RollupError 401 */
export async function verify(
  { memory, now }: VerifyWorld,
  token: string,
  options: { readonly issuer?: string } = {},
): Promise<JWTPayload> {
  const jwks = createLocalJWKSet(publicJwks(memory));
  try {
    const settings = { ...options, currentDate: new Date(now()) };
    return (await jwtVerify(token, jwks, settings)).payload;
  } catch (error) {
    throw new RollupError("UNAUTHORIZED", reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) {
    return "expired token";
  }
  return error instanceof errors.JWTClaimValidationFailed
    ? "token claim validation failed"
    : "token verification failed";
}
