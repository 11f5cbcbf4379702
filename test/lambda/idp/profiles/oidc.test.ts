import { clientAuthenticationOf } from "../../../../lambda/client-authentication";
import type { IdpSettings } from "../../../../lambda/env";
import { codeFlowOf, createIdentity } from "../../../../lambda/idp/identity";
import { createProfile } from "../../../../lambda/idp/profile";
import { OIDC_SETTINGS, outcome, rollupError } from "../answers";

describe("an RFC provider", () => {
  test("is taken for the strictest kind, as far as the stage does not say otherwise", () => {
    const profile = createProfile(OIDC_SETTINGS);
    expect(profile.refreshToken).toEqual({ format: "opaque", rotation: "strict" });
    expect(clientAuthenticationOf(OIDC_SETTINGS)).toBe("client_secret_basic");
    expect(createIdentity(OIDC_SETTINGS).idToken.algs).toEqual(["RS256"]);
    expect(profile.accessToken).toBe("opaque");
  });

  test("is what the stage says it is", () => {
    const settings: IdpSettings = {
      ...OIDC_SETTINGS,
      idTokenSigningAlgs: ["PS256", "EdDSA"],
      refreshTokenFormat: "jwt",
      refreshTokenRotation: "grace",
      clientAuthentication: "client_secret_post",
    };
    const profile = createProfile(settings);
    expect(profile.refreshToken).toEqual({ format: "jwt", rotation: "grace" });
    expect(clientAuthenticationOf(settings)).toBe("client_secret_post");
    expect(createIdentity(settings).idToken.algs).toEqual(["PS256", "EdDSA"]);
  });

  test("S13: has access tokens that show by a claim or their type what they are; jti alone shows nothing", () => {
    const { idToken } = createIdentity(OIDC_SETTINGS);
    expect(idToken.forbiddenClaims).toEqual(["scope", "scp", "client_id"]);
    expect(idToken.types).toEqual(["JWT"]);
    expect(idToken.isKidOptional).toBe(true);
    expect(idToken.maxLifetimeSeconds).toBe(86_400);
    expect(idToken.maxAgeSeconds).toBe(3_600);
  });

  test.each([
    ["a", true],
    ["auth0|507f1f77bcf86cd799439011", true],
    ["x".repeat(255), true],
    ["", false],
    ["x".repeat(256), false],
    ["ü", false],
    ["a\n", false],
  ])("S14: %p as a subject: %p", (sub, isSubject) => {
    expect(createIdentity(OIDC_SETTINGS).idToken.subPattern.test(sub)).toBe(isSubject);
  });
});

describe("S48: what counts as a refusal of an RFC provider", () => {
  const settings = OIDC_SETTINGS;

  test.each([
    [400, "refused"],
    // As Auth0 has it.
    [403, "refused"],
    [401, "refused"],
    // An error in the place of tokens.
    [200, "refused"],
    [201, "failed"],
    [302, "failed"],
    [404, "failed"],
    [429, "failed"],
    [500, "failed"],
    [503, "failed"],
  ])("invalid_grant with status %d: %s", (status, kind) => {
    expect(outcome(status, { error: "invalid_grant" }, { settings }).kind).toBe(kind);
  });

  test.each([
    "interaction_required",
    "login_required",
    "consent_required",
    "account_selection_required",
  ])(
    "%s asks for a person, with 400 or in the place of tokens, and elsewhere may be a gateway's",
    (error) => {
      for (const status of [200, 400]) {
        expect(outcome(status, { error }, { settings })).toEqual({ kind: "refused" });
        expect(outcome(status, { error })).toMatchObject({ kind: "failed" });
      }
      for (const status of [401, 403, 429, 500]) {
        expect(outcome(status, { error }, { settings }).kind).toBe("failed");
      }
    },
  );

  test.each(["invalid_request", "expired_token", "server_error", "slow_down", "", 7, null])(
    "%p says nothing definitive",
    (error) => {
      for (const status of [200, 400, 401]) {
        expect(outcome(status, { error }, { settings }).kind).toBe("failed");
      }
    },
  );

  test("an error beside tokens is no refusal: they were issued", () => {
    const error = "invalid_grant";
    const successor = { error, refresh_token: "new" };
    expect(outcome(200, successor, { settings })).toMatchObject({
      kind: "failed",
      refreshToken: "new",
    });
    const access = { error, access_token: "opaque" };
    expect(outcome(200, access, { settings })).toMatchObject({ kind: "tokens" });
  });

  test.each([
    [401, "invalid_client"],
    [400, "invalid_client"],
    [400, "unauthorized_client"],
    [403, "unauthorized_client"],
    [400, "unsupported_grant_type"],
    [400, "invalid_scope"],
  ])("%s %s is the operator's", (status, error) => {
    expect(outcome(status, { error }, { settings })).toEqual({ kind: "client_rejected" });
  });

  test("a 401 with a challenge asks for the client's credentials, unless its body is about the grant", () => {
    const grant = { error: "invalid_grant" };
    const headers = { "www-authenticate": 'Basic realm="op"' };
    for (const body of ["", "<html>", {}, { error: "login_required" }]) {
      expect(outcome(401, body, { settings, headers })).toEqual({ kind: "client_rejected" });
      expect(outcome(401, body, { settings }).kind).toBe("failed");
      expect(outcome(400, "", { settings, headers }).kind).toBe("failed");
    }
    // HTTP asks for a challenge with any 401 (RFC 9110 section 15.5.2).
    expect(outcome(401, grant, { settings, headers })).toEqual({ kind: "refused" });
    // Rollup ID never sends one: there it is somebody else's answer.
    expect(outcome(401, "", { headers }).kind).toBe("failed");
  });

  test("Rollup ID's words mean nothing here, nor does an unknown error", () => {
    expect(outcome(401, rollupError("UNAUTHORIZED", "invalid token"), { settings }).kind).toBe(
      "failed",
    );
    expect(outcome(400, { error: "temporarily_unavailable" }, { settings }).kind).toBe("failed");
  });
});

test("a code of an RFC provider may be any visible text, and is good once", () => {
  const { isPossibleCode, isCodeReusable } = codeFlowOf(OIDC_SETTINGS);
  expect(["x", "a b/c~", "\n", "ü", ""].map(isPossibleCode)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(isCodeReusable).toBe(false);
});
