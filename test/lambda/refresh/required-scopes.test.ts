/** A token that has to open something: refused only where that is known not to be granted. */
import type { TokenOutcome } from "../../../lambda/ports/provider";
import type { Scopes } from "../../../lambda/scopes";
import { failure } from "../../support/exchange-failures";
import { createWorld, type World } from "../../support/exchange-world";

const HOUR = 3_600_000;

async function signedIn(scopes?: Scopes): Promise<World> {
  const world = await createWorld();
  const row = await world.grant();
  await world.store.write({ ...row, scopes }, row.revision);
  return world;
}

const fewer = ({ time }: World): TokenOutcome => ({
  kind: "tokens",
  accessToken: {
    accessToken: "access-token-1",
    tokenType: "Bearer",
    expiresAt: time.now() + HOUR,
    scope: "openid",
  },
  refreshToken: undefined,
  foreign: false,
  sub: undefined,
  scopes: ["openid"],
});

const MISSING = expect.objectContaining({
  name: "NeedsConsentError",
  reason: "scopes_missing",
  missingScopes: ["email"],
}) as unknown;

test("known not to be granted: refused without a token request, and the grant stays as it is", async () => {
  const world = await signedIn(["openid"]);
  const before = await world.grant();
  expect(await failure(world.get({ requiredScopes: ["openid", "email"] }))).toEqual(MISSING);
  expect(world.tokenEndpoint.presented).toEqual([]);
  expect(await world.grant()).toEqual(before);
});

test("known to be granted: handed out, with all that is granted as its scope", async () => {
  const world = await signedIn(["openid", "email"]);
  const first = await world.get({ requiredScopes: ["email"] });
  expect(first).toMatchObject({ accessToken: "access-token-1", scope: "openid email" });
  const kept = await world.get({ requiredScopes: ["email"] });
  expect(kept).toEqual(first);
});

test("not known: handed out, with the scope that the token's own answer had", async () => {
  const world = await signedIn();
  const token = await world.get({ requiredScopes: ["email"] });
  expect(token.accessToken).toBe("access-token-1");
});

test("a refresh that brings fewer is kept, and its caller is told what is missing", async () => {
  const world = await signedIn(["openid", "email"]);
  world.tokenEndpoint.next({ outcome: fewer(world) });
  expect(await failure(world.get({ requiredScopes: ["email"] }))).toEqual(MISSING);
  expect(await world.grant()).toMatchObject({ scopes: ["openid"], status: "active" });
  world.time.advance(HOUR / 10);
  expect(await world.get()).toMatchObject({ accessToken: "access-token-1", scope: "openid" });
});
