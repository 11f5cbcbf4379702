/** `GET /userinfo`: fresh claims for an access token, by the scopes in it. */
import { createLocalJWKSet, errors, jwtVerify } from "jose";
import { RollupError } from "./errors";
import { publicJwks } from "./keys";
import type { Memory } from "./state";
import { emailOf, pictureOf } from "./tokens";

export interface UserinfoWorld {
  readonly memory: Memory;
  readonly issuer: string;
  readonly now: () => number;
}

/** @throws RollupError, or any other error for the real one's 500 */
export async function userinfo(
  world: UserinfoWorld,
  authorization: string | undefined,
): Promise<Record<string, unknown>> {
  if (authorization === undefined) {
    throw new RollupError("UNAUTHORIZED", "No access token provided");
  }
  const [scheme, token, ...rest] = authorization.split(" ");
  if (scheme !== "Bearer" || token === undefined || rest.length > 0) {
    throw new Error("the real one falls over this, and compares the scheme by case");
  }
  const { sub, scope } = await verified(world, token);
  const name = nameOf(world.memory, sub) ?? "";
  const scopes = scope.split(" ");
  return {
    sub,
    ...(scopes.includes("profile") ? { name, picture: pictureOf(name) } : {}),
    ...(scopes.includes("email") ? { email: emailOf(name), type: "email" } : {}),
    ...(scopes.includes("connected_accounts")
      ? { connected_accounts: [{ type: "email", identifier: emailOf(name) }] }
      : {}),
    ...(scopes.includes("erc_4337") ? { erc_4337: [] } : {}),
  };
}

async function verified({ memory, issuer, now }: UserinfoWorld, token: string) {
  const jwks = createLocalJWKSet(publicJwks(memory));
  try {
    const { payload } = await jwtVerify(token, jwks, { issuer, currentDate: new Date(now()) });
    const { sub, scope } = payload;
    return { sub: sub ?? "", scope: typeof scope === "string" ? scope : "" };
  } catch (error) {
    throw new RollupError(
      "UNAUTHORIZED",
      error instanceof errors.JWTExpired ? "expired token" : "token verification failed",
    );
  }
}

function nameOf(memory: Memory, sub: string): string | undefined {
  return Object.entries(memory.get().people).find(([, person]) => person.sub === sub)?.[0];
}
