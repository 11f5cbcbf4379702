import { createProfile } from "../../../../lambda/idp/profile";
import { OIDC_SETTINGS, outcome, rollupError } from "../answers";

describe("an RFC provider", () => {
  test("is taken for the strictest kind, as far as the stage does not say otherwise", () => {
    const profile = createProfile(OIDC_SETTINGS);
    expect(profile.refreshToken).toEqual({ format: "opaque", rotation: "strict" });
    expect(profile.clientAuthentication).toBe("client_secret_basic");
    expect(profile.idToken.algs).toEqual(["RS256"]);
    expect(profile.accessToken).toBe("opaque");
  });

  test("is what the stage says it is", () => {
    const profile = createProfile({
      ...OIDC_SETTINGS,
      idTokenSigningAlgs: ["PS256", "EdDSA"],
      refreshTokenFormat: "jwt",
      refreshTokenRotation: "grace",
      clientAuthentication: "client_secret_post",
    });
    expect(profile.refreshToken).toEqual({ format: "jwt", rotation: "grace" });
    expect(profile.clientAuthentication).toBe("client_secret_post");
    expect(profile.idToken.algs).toEqual(["PS256", "EdDSA"]);
  });

  test("S13: has access tokens that show by a claim or their type what they are; jti alone shows nothing", () => {
    const { idToken } = createProfile(OIDC_SETTINGS);
    expect(idToken.forbiddenClaims).toEqual(["scope", "scp", "client_id"]);
    expect(idToken.types).toEqual(["JWT"]);
    expect(idToken.isKidOptional).toBe(true);
    expect(idToken.maxLifetimeSeconds).toBe(3_600);
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
    expect(createProfile(OIDC_SETTINGS).idToken.subPattern.test(sub)).toBe(isSubject);
  });
});

describe("S48: what counts as a refusal of an RFC provider", () => {
  const settings = OIDC_SETTINGS;

  test("invalid_grant is definitive with status 400, or 403 as Auth0 has it, and no other", () => {
    expect(outcome(400, { error: "invalid_grant" }, { settings })).toEqual({ kind: "refused" });
    expect(outcome(403, { error: "invalid_grant" }, { settings })).toEqual({ kind: "refused" });
    expect(outcome(404, { error: "invalid_grant" }, { settings }).kind).toBe("failed");
    expect(outcome(500, { error: "invalid_grant" }, { settings }).kind).toBe("failed");
    expect(outcome(401, { error: "invalid_grant" }, { settings }).kind).toBe("failed");
    expect(outcome(429, { error: "invalid_grant" }, { settings }).kind).toBe("failed");
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

  test("a 401 with a challenge asks for the client's credentials, whatever its body", () => {
    const headers = { "www-authenticate": 'Basic realm="op"' };
    for (const body of ["", "<html>", {}, { error: "invalid_grant" }]) {
      expect(outcome(401, body, { settings, headers })).toEqual({ kind: "client_rejected" });
      expect(outcome(401, body, { settings }).kind).toBe("failed");
      expect(outcome(400, "", { settings, headers }).kind).toBe("failed");
    }
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
