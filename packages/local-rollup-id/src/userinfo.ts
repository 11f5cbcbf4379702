/** `GET /userinfo`: fresh claims for an access token, by the scopes in it. */
import { emailOf, nameOf, pictureOf } from "./people";
import { RollupError } from "./rollup-errors";
import { verify, type VerifyWorld } from "./verify-token";

export interface UserinfoWorld extends VerifyWorld {
  /** Origin of the request: a token of another one is refused. */
  readonly issuer: string;
}

/** @throws RollupError, or any other error for the real one's 500 */
export async function userinfo(
  world: UserinfoWorld,
  authorization: string | undefined,
): Promise<Record<string, unknown>> {
  const { issuer } = world;
  const { sub, aud, scope } = await verify(world, bearerIn(authorization), { issuer });
  if (aud?.[0] === undefined) {
    throw new RollupError("BAD_REQUEST", "missing client id in the aud claim");
  }
  if (sub === undefined) {
    throw new RollupError("BAD_REQUEST", "missing identity in the sub claim");
  }
  const scopes = typeof scope === "string" ? scope.split(" ") : [];
  return { sub, ...claimsFor(nameOf(world.memory, sub) ?? "", scopes) };
}

function bearerIn(authorization: string | undefined): string {
  if (authorization === undefined) {
    throw new RollupError("UNAUTHORIZED", "No access token provided");
  }
  const [scheme, token, ...rest] = authorization.split(" ");
  if (scheme !== "Bearer" || token === undefined || rest.length > 0) {
    throw new Error("the real one falls over this, and compares the scheme by case");
  }
  return token;
}

function claimsFor(name: string, scopes: readonly string[]): Record<string, unknown> {
  const email = emailOf(name);
  return {
    ...(scopes.includes("profile") && { name, picture: pictureOf(name) }),
    ...(scopes.includes("email") && { email, type: "email" }),
    ...(scopes.includes("connected_accounts") && {
      connected_accounts: [{ type: "email", identifier: email }],
    }),
    ...(scopes.includes("erc_4337") && { erc_4337: [] }),
  };
}
