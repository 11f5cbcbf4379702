/**
 * Tokens that an OpenID provider signs with the keys of its ID tokens, for the same client and
 * user, as far as their kind allows.
 */
import { createTokenJudge, type TokenJudge } from "../../../support/token-judge";
import { CLIENT_ID, NOW } from "../../../support/tokens";
import { ROLLUP_SETTINGS } from "../../../support/users-api";

const OIDC = { ...ROLLUP_SETTINGS, profile: "oidc", idTokenSigningAlgs: ["ES256"] } as const;
const LOGOUT = { "http://schemas.openid.net/event/backchannel-logout": {} };

let api: TokenJudge;

beforeEach(() => {
  api = createTokenJudge(OIDC);
});

afterEach(() => {
  api.clock.restore();
});

type Members = Record<string, unknown>;

describe("F11 S13: what an OpenID provider signs besides ID tokens", () => {
  test.each<[string, Members]>([
    ["a logout token (Back-Channel Logout 1.0)", { events: LOGOUT, jti: "1", sid: "s" }],
    ["a logout token whose events are a text", { events: "{}" }],
    ["a logout token whose events are null", { events: null }],
    [
      "a security event token (RFC 8417)",
      { events: { "https://schemas.openid.net/x": {} }, txn: "1" },
    ],
    ["an access token of Cognito", { token_use: "access", username: "alice" }],
    ["a token of Cognito of a use that is not known", { token_use: "refresh" }],
    ["a token whose use is no text", { token_use: ["id"] }],
    ["an access token of Keycloak", { typ: "Bearer", azp: CLIENT_ID, session_state: "s" }],
    ["a refresh token of Keycloak", { typ: "Refresh", azp: CLIENT_ID }],
    ["an offline token of Keycloak", { typ: "Offline", azp: CLIENT_ID }],
    ["a logout token of Keycloak", { typ: "Logout" }],
    ["an access token of FusionAuth", { tty: "at", applicationId: CLIENT_ID }],
    ["an access token of ForgeRock", { tokenName: "access_token", token_type: "Bearer" }],
    ["an access token that says so by token_type alone", { token_type: "Bearer" }],
    ["one by RFC 8693", { token_type: "urn:ietf:params:oauth:token-type:access_token" }],
    ["an application's own token of Entra ID", { idtyp: "app", oid: "o", roles: ["r"] }],
    ["a user's access token of Entra ID, with idtyp", { idtyp: "user" }],
    ["an access token of Entra ID, v2", { azpacr: "1" }],
    ["an access token of Entra ID, v1", { appidacr: "1", appid: CLIENT_ID }],
    ["a token that is bound to a key (RFC 7800)", { cnf: { jkt: "thumbprint" } }],
    ["an introspection answer (RFC 9701)", { token_introspection: { active: true } }],
    ["an access token (RFC 9068)", { client_id: CLIENT_ID }],
    ["a request object (RFC 9101)", { client_id: CLIENT_ID, response_type: "code" }],
    ["an access token with scope", { scope: "read" }],
    ["an access token with scope and jti", { scope: "openid", jti: "1" }],
    ["an access token with scp", { scp: ["openid"] }],
  ])("%s", async (_, claims) => {
    expect(await api.judgeIdToken({})).toBe("believed");
    expect(await api.judgeIdToken({ claims })).toBe("wrong_token_kind");
  });

  test.each([
    "at+jwt",
    "application/at+jwt",
    "logout+jwt",
    "application/logout+jwt",
    "secevent+jwt",
    "token-introspection+jwt",
    "oauth-authz-req+jwt",
    "dpop+jwt",
    "txntoken+jwt",
    "id+jwt",
    "entity-statement+jwt",
    "dc+sd-jwt",
    "vc+jwt",
    "rt+jwt",
    "client-authentication+jwt",
    "JWE",
  ])("a token that says %s in its header", async (typ) => {
    expect(await api.judgeIdToken({ header: { typ } })).toBe("wrong_token_kind");
  });

  test.each<[string, Members, string]>([
    ["a userinfo answer (OIDC Core 5.3.2)", { exp: undefined, iat: undefined }, "invalid_lifetime"],
    [
      "an authorization response (JARM)",
      { sub: undefined, code: "c", state: "s" },
      "invalid_subject",
    ],
    [
      "a statement about an entity (OpenID Federation)",
      { aud: undefined, jwks: {} },
      "invalid_audience",
    ],
    ["a client's assertion (RFC 7523)", { iss: CLIENT_ID, sub: CLIENT_ID }, "invalid_issuer"],
    ["an ID token for another client", { aud: "other" }, "invalid_audience"],
    [
      "a session's token that lives for a month",
      { exp: NOW / 1000 + 2_592_000 },
      "invalid_lifetime",
    ],
  ])("%s lacks what an ID token has", async (_, claims, reason) => {
    expect(await api.judgeIdToken({ claims })).toBe(reason);
  });
});

describe("ID tokens are believed whatever else they say", () => {
  test.each<[string, Members]>([
    ["of Cognito", { token_use: "id", "cognito:username": "alice", event_id: "e", jti: "1" }],
    ["of Keycloak", { typ: "ID", azp: CLIENT_ID, session_state: "s", at_hash: "h", acr: "1" }],
    ["that repeats its header", { typ: "JWT" }],
    ["that says its scope", { scope: "openid profile", nonce: "n", sid: "s" }],
    ["of FusionAuth", { tty: "id", tid: "t" }],
    ["of ForgeRock", { tokenName: "id_token", tokenType: "JWTToken", realm: "/" }],
    ["that says it is one", { token_type: "id_token" }],
    ["that says it by RFC 8693", { token_type: "urn:ietf:params:oauth:token-type:id_token" }],
    [
      "of Entra ID",
      { oid: "o", tid: "t", ver: "2.0", rh: "r", uti: "u", roles: ["r"], groups: [] },
    ],
    [
      "with every claim of OIDC Core",
      { nonce: "n", auth_time: 1, acr: "0", amr: ["pwd"], sid: "s" },
    ],
    ["with a claim named like a member of every object", { constructor: "x", toString: 1 }],
  ])("%s", async (_, claims) => {
    expect(await api.judgeIdToken({ claims })).toBe("believed");
  });
});

test("S13: Rollup ID has none of these claims, and a token with one is none of its ID tokens", async () => {
  api.clock.restore();
  api = createTokenJudge();
  for (const claims of [{ events: LOGOUT }, { token_use: "access" }, { typ: "Bearer" }]) {
    expect(await api.judgeIdToken({ claims })).toBe("wrong_token_kind");
  }
});
