/**
 * Decision 0034: access tokens as providers document them, at their most alike: signed with the
 * keys of ID tokens, `typ` no more than JWT, and for our client id, which most of them never are.
 * Issuer, subject, audience and times are there already.
 */
import type { IdpSettings } from "../../../../lambda/env";
import { createTokenJudge, type TokenJudge } from "../../../support/token-judge";
import { ALICE, CLIENT_ID, ISSUER, NOW } from "../../../support/tokens";
import { ROLLUP_SETTINGS } from "../../../support/users-api";

const IAT = NOW / 1000;
/** What everything is that a provider signs for us, and nothing more. */
const BARE = { iss: ISSUER, aud: CLIENT_ID, sub: ALICE, iat: IAT, exp: IAT + 3_600 };
type Members = Readonly<Record<string, unknown>>;

let api: TokenJudge;

afterEach(() => {
  api.clock.restore();
});

async function judge(claims: Members, settings: Partial<IdpSettings> = {}): Promise<string> {
  api = createTokenJudge({ ...ROLLUP_SETTINGS, profile: "oidc", ...settings });
  return await api.judgeIdToken({ claims: { name: undefined, ...BARE, ...claims } });
}

const ACCESS_TOKENS: readonly [string, Members][] = [
  ["RFC 9068 without the type of its header", { client_id: CLIENT_ID, jti: "1", scope: "openid" }],
  [
    "RFC 9068 after a sign-in",
    { client_id: CLIENT_ID, jti: "1", scope: "openid", auth_time: IAT, acr: "0", amr: ["pwd"] },
  ],
  [
    "Keycloak",
    {
      typ: "Bearer",
      azp: CLIENT_ID,
      jti: "1",
      sid: "s",
      scope: "openid email",
      acr: "1",
      realm_access: { roles: ["r"] },
      email: "a@example.com",
      email_verified: true,
    },
  ],
  [
    "Amazon Cognito",
    { token_use: "access", scope: "openid", auth_time: IAT, client_id: CLIENT_ID, username: "a" },
  ],
  ["Microsoft Entra ID, v2", { azp: CLIENT_ID, azpacr: "1", scp: "openid", ver: "2.0", oid: "o" }],
  ["Microsoft Entra ID, v1", { appid: CLIENT_ID, appidacr: "1", scp: "openid", ver: "1.0" }],
  ["Auth0", { azp: CLIENT_ID, scope: "openid profile" }],
  ["Auth0 with permissions", { scope: "openid", permissions: ["read"] }],
  ["Auth0 of a client's own", { azp: CLIENT_ID, gty: "client-credentials", scope: "openid" }],
  ["Okta", { ver: 1, jti: "AT.1", cid: CLIENT_ID, uid: "u", scp: ["openid"] }],
  ["ZITADEL", { nbf: IAT, jti: "1", client_id: CLIENT_ID }],
  ["Ory Hydra", { client_id: CLIENT_ID, ext: {}, jti: "1", nbf: IAT, scp: ["openid"] }],
  ["Spring Authorization Server", { nbf: IAT, scope: ["openid"], jti: "1" }],
  ["Spring Authorization Server, older", { nbf: IAT, scope: ["openid"] }],
  ["a list of scopes and nothing else", { scope: ["openid"] }],
  ["authentik", { auth_time: IAT, acr: "goauthentik.io", azp: CLIENT_ID, scope: "openid" }],
  ["FusionAuth", { tty: "at", jti: "1", scope: "openid", auth_time: IAT, sid: "s", roles: [] }],
  ["Rollup ID's shape", { scope: "openid", jti: "1" }],
  ["Rollup ID's shape with a nonce", { scope: "openid", jti: "1", nonce: "n" }],
  ["no scope of OpenID Connect", { scope: "read:messages" }],
  ["a scope that only looks like it", { scope: "openid-admin" }],
  ["an empty scope", { scope: "" }],
  ["a scope that is no text", { scope: { openid: true } }],
  ["groups beside scope", { scope: "openid", groups: ["g"] }],
  ["a member named as those of every object", { scope: "openid", constructor: "x" }],
];

test.each(ACCESS_TOKENS)("S13: an access token of %s is no ID token", async (_, claims) => {
  expect(await judge(claims)).toBe("wrong_token_kind");
});

test.each(ACCESS_TOKENS)("S13: of %s, also where the stage trusts apps", async (_, claims) => {
  expect(await judge(claims, { trustedAzp: [CLIENT_ID] })).toBe("wrong_token_kind");
});

test.each<[string, Members]>([
  ["nothing but what it must have", {}],
  ["a scope beside", { scope: "openid" }],
  ["scopes beside", { scope: "email openid" }],
  [
    "a scope beside all that OpenID Connect has",
    {
      scope: "openid profile",
      auth_time: IAT,
      nonce: "n",
      acr: "0",
      amr: ["pwd"],
      sid: "s",
      name: "Alice",
      email: "a@example.com",
      email_verified: true,
      updated_at: IAT,
    },
  ],
  ["Google's azp of an app", { azp: "android.apps.example" }],
  ["ZITADEL's client_id beside a hash", { client_id: CLIENT_ID, azp: CLIENT_ID, at_hash: "h" }],
])("an ID token with %s is believed", async (_, claims) => {
  expect(await judge(claims)).toBe("believed");
});

test("Rollup ID's have no scope, whatever else they say", async () => {
  expect(await judge({ scope: "openid" }, { profile: "rollup" })).toBe("wrong_token_kind");
});
