import { habitsSchema } from "@rollup-vault/local-oidc/habits";
import * as v from "valibot";
import { PRESET_NAMES } from "../../../lib/provider/preset";
import { presetOf } from "../../../lib/provider/resolve";
import { habitsOf } from "../../../local/provider/played";

const others = PRESET_NAMES.filter((name) => name !== "rollup");

test.each(others)("%s can be played: its habits are complete, with its own paths", (name) => {
  const habits = habitsOf(presetOf(name));
  expect(v.parse(habitsSchema, habits)).toEqual(habits);
});

test("the issuer's path, the endpoints and the habits are those of the preset's file", () => {
  expect(habitsOf(presetOf("auth0"))).toMatchObject({
    title: "Auth0",
    issuerPath: "/",
    token: "/oauth/token",
    idToken: { lifetimeSeconds: 36_000 },
    refreshToken: { rotation: "none", scope: "offline_access" },
    deadGrant: { status: 403 },
  });
  const tenant = "/aaaabbbb-0000-cccc-1111-dddd2222eeee";
  expect(habitsOf(presetOf("entra"))).toMatchObject({
    title: "Microsoft Entra ID",
    issuerPath: `${tenant}/v2.0`,
    authorization: `${tenant}/oauth2/v2.0/authorize`,
    idToken: { lifetimeSeconds: 3_900, backdatedSeconds: 300 },
    refreshToken: { rotation: "grace", idleSeconds: 7_776_000 },
  });
  expect(habitsOf(presetOf("apple"))).toMatchObject({
    title: "Apple",
    clientAuthentication: "client_secret_post",
  });
});
