/** The refresh path of the token endpoint, as permissive as the real one. */
import { decodeJwt } from "jose";
import { type FamilyWorld, spend } from "./families";
import { RollupError } from "./rollup-errors";
import { verify } from "./verify-token";

export interface Redeemed {
  readonly sub: string;
  readonly scope: string;
  /** `jti` of the successor, where the token was rotated. */
  readonly successor: string | undefined;
}

/** @throws RollupError, or any other error for what the real one answers 500 to */
export async function redeem(world: FamilyWorld, token: string): Promise<Redeemed> {
  // Before the signature, in this order, as the real one does; no JWT at all makes it fall over.
  const claims = decodeJwt(token);
  if (claims.aud?.[0] !== world.memory.get().clientId) {
    throw new RollupError("BAD_REQUEST", "mismatch client id");
  }
  if (claims.sub === undefined) {
    throw new RollupError("BAD_REQUEST", "missing subject");
  }
  await verify(world, token);
  // An ID token has no scope, and the real code falls over it.
  const scope = (claims["scope"] as string).split(" ").join(" ");
  return { sub: claims.sub, scope, successor: spend(world, claims.jti) };
}
