import { clientAuthenticationOf } from "../../../../lambda/client-authentication";
import { codeFlowOf, createIdentity, pickUserinfoOf } from "../../../../lambda/idp/identity";
import { createProfile } from "../../../../lambda/idp/profile";
import { ALICE } from "../../../support/tokens";
import { outcome, ROLLUP_SETTINGS, rollupError } from "../answers";

describe("the ID tokens of Rollup ID", () => {
  const clientAuthentication = clientAuthenticationOf(ROLLUP_SETTINGS);
  const { refreshToken } = createProfile(ROLLUP_SETTINGS);
  const { idToken, pickClaims } = createIdentity(ROLLUP_SETTINGS);
  const pickUserinfo = pickUserinfoOf(ROLLUP_SETTINGS);

  test("are ES256, short-lived and small, and never have what access and refresh tokens have", () => {
    expect(idToken).toMatchObject({
      algs: ["ES256"],
      maxBytes: 4_096,
      maxLifetimeSeconds: 3_600,
      clockToleranceSeconds: 60,
      forbiddenClaims: ["scope", "jti"],
      types: ["JWT"],
    });
    const every = { name: "n", picture: "https://p.example/", email: "e", type: "t", sub: "s" };
    expect(Object.keys(pickClaims(every))).toEqual(["name", "picture", "email"]);
    expect(Object.keys(pickUserinfo(every))).toEqual(["name", "picture", "email", "type"]);
  });

  test.each([
    ALICE,
    "urn:rollupid:account/0x1",
    "urn:threeid:account/0xAb",
    `urn:rollupid:identity/0x${"f".repeat(200)}`,
  ])("S14: %p is a subject", (sub) => {
    expect(idToken.subPattern.test(sub)).toBe(true);
    expect(sub.length).toBeLessThanOrEqual(255);
  });

  test.each([
    "",
    "urn:rollupid:identity/",
    "urn:rollupid:identity/0x",
    "urn:rollupid:identity/0xg1",
    "urn:threeid:identity/0x1",
    "urn:rollupid:identity/0x1?+a=b",
    "urn:rollupid:identity/0x1\n",
    " urn:rollupid:identity/0x1",
    `urn:rollupid:identity/0x${"f".repeat(201)}`,
    "urn:rollupid:identity/0x\u0661",
  ])("S14: %p is none", (sub) => {
    expect(idToken.subPattern.test(sub)).toBe(false);
  });

  test("come with refresh tokens that are JWTs and stay the same, for a secret in the body", () => {
    expect(refreshToken).toEqual({ format: "jwt", rotation: "none" });
    expect(clientAuthentication).toBe("client_secret_post");
  });
});

describe("S48: what counts as a refusal of Rollup ID", () => {
  test.each([
    [400, rollupError("BAD_REQUEST", "mismatch client id")],
    [400, rollupError("BAD_REQUEST", "missing subject")],
    [401, rollupError("UNAUTHORIZED", "token verification failed")],
    [401, rollupError("UNAUTHORIZED", "invalid token")],
    [401, rollupError("UNAUTHORIZED", "expired token")],
    [401, rollupError("UNAUTHORIZED", "token claim validation failed")],
    [401, rollupError("UNAUTHORIZED", "Authorized data error. Re-authorization by user required")],
  ])("%s %j is definitive", (status, body) => {
    expect(outcome(status, body)).toEqual({ kind: "refused" });
  });

  test("a wrong client secret is the operator's, although it comes as a 400", () => {
    expect(outcome(400, rollupError("BAD_REQUEST", "invalid client credentials"))).toEqual({
      kind: "client_rejected",
    });
  });

  test.each([
    [400, rollupError("BAD_REQUEST", "something new")],
    [400, { error: "invalid_grant" }],
    [400, {}],
    [400, "<html>"],
    [401, rollupError("UNAUTHORIZED", "something new")],
    [401, { message: "invalid token" }],
    [401, "Unauthorized"],
    [400, rollupError("UNAUTHORIZED", "invalid token")],
    [500, rollupError("UNAUTHORIZED", "invalid token")],
    [403, rollupError("FORBIDDEN", "invalid token")],
    [404, ""],
    [500, { message: "unknown error" }],
    [500, { message: "data error" }],
    [502, "<html><title>502</title>"],
    [503, ""],
  ])("%s %j may pass: the grant is kept, and may have been spent", (status, body) => {
    expect(outcome(status, body)).toEqual({
      kind: "failed",
      cause: "idp_unavailable",
      processed: "maybe",
      retryAfterSeconds: undefined,
    });
  });
});

describe("a code of Rollup ID", () => {
  const { isPossibleCode, isCodeReusable } = codeFlowOf(ROLLUP_SETTINGS);

  test.each([
    [`0x${"0a".repeat(24)}`, true],
    [`0x${"A0".repeat(24)}`, true],
    // Its length was never promised.
    [`0x${"a".repeat(32)}`, true],
    [`0x${"a".repeat(31)}`, false],
    [`0x${"a".repeat(257)}`, false],
    ["0a".repeat(24), false],
    [`0x${"0g".repeat(24)}`, false],
    [` 0x${"0a".repeat(24)}`, false],
    [`0x${"0a".repeat(24)}\n`, false],
    ["SplxlOBeZQQYbYS6WxSbIA", false],
    ["", false],
  ])("%j: %p", (code, isPossible) => {
    expect(isPossibleCode(code)).toBe(isPossible);
  });

  test("is good for more than one exchange", () => {
    expect(isCodeReusable).toBe(true);
  });
});

test("its clock may be off as far as the stage says", () => {
  const { idToken } = createIdentity({ ...ROLLUP_SETTINGS, clockToleranceSeconds: 120 });
  expect(idToken.clockToleranceSeconds).toBe(120);
  expect(createIdentity(ROLLUP_SETTINGS).idToken.clockToleranceSeconds).toBe(60);
});
