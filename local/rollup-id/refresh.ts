/** The refresh path of the token endpoint: as permissive as the real one, and with rotation where it is programmed. */
import { createLocalJWKSet, decodeJwt, errors, jwtVerify, type JWTPayload } from "jose";
import { RollupError } from "./errors";
import { publicJwks } from "./keys";
import type { Programme } from "./programme";
import type { Family, Memory } from "./state";
import { newJti } from "./tokens";

export interface Redeemed {
  readonly sub: string;
  readonly scope: string;
  /** `jti` of the successor, where the token was rotated. */
  readonly successor: string | undefined;
}

export interface RefreshWorld {
  readonly memory: Memory;
  readonly programme: () => Programme;
  readonly now: () => number;
}

/** @throws RollupError, or any other error for what the real one answers 500 to */
export async function redeem(world: RefreshWorld, token: string): Promise<Redeemed> {
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
  return { sub: claims.sub, scope, successor: rotate(world, claims) };
}

async function verify({ memory, now }: RefreshWorld, token: string): Promise<void> {
  const jwks = createLocalJWKSet(publicJwks(memory));
  try {
    await jwtVerify(token, jwks, { currentDate: new Date(now()) });
  } catch (error) {
    throw new RollupError(
      "UNAUTHORIZED",
      error instanceof errors.JWTExpired ? "expired token" : "token verification failed",
    );
  }
}

/** Undefined where the provider does not rotate, as Rollup ID does not. */
function rotate(world: RefreshWorld, { jti, sub }: JWTPayload): string | undefined {
  const { rotation, grace_seconds: graceSeconds } = world.programme();
  if (rotation === "none" || jti === undefined || sub === undefined) {
    return undefined;
  }
  const { memoryOf, family } = familyOf(world, jti, sub);
  const inGrace =
    rotation === "grace" &&
    jti === family.previous &&
    world.now() - family.rotatedAt < graceSeconds * 1000;
  if (family.revoked || (jti !== family.live && !inGrace)) {
    keep(world.memory, memoryOf, { ...family, revoked: rotation === "strict" || family.revoked });
    throw new RollupError("UNAUTHORIZED", "invalid token");
  }
  if (inGrace) {
    return family.live;
  }
  const live = newJti();
  keep(world.memory, memoryOf, {
    ...family,
    live,
    previous: jti,
    rotatedAt: world.now(),
    generation: family.generation + 1,
  });
  world.memory.change((state) => ({ memberOf: { ...state.memberOf, [live]: memoryOf } }));
  return live;
}

function familyOf({ memory, now }: RefreshWorld, jti: string, sub: string) {
  const { families, memberOf } = memory.get();
  const memoryOf = memberOf[jti] ?? jti;
  const family: Family = families[memoryOf] ?? {
    sub,
    live: jti,
    rotatedAt: now(),
    generation: 0,
    revoked: false,
  };
  return { memoryOf, family };
}

function keep(memory: Memory, id: string, family: Family): void {
  memory.change(({ families }) => ({ families: { ...families, [id]: family } }));
}
