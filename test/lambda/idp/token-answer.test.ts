import fc from "fast-check";
import type { IdpSettings } from "../../../lambda/env";
import { createProfile } from "../../../lambda/idp/profile";
import { readTokenAnswer } from "../../../lambda/idp/token-answer";
import type { HttpResponse, TokenOutcome } from "../../../lambda/ports";
import { ALICE, BOB, createTestIssuer, ISSUER, NOW } from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";

const OIDC_SETTINGS: IdpSettings = {
  ...ROLLUP_SETTINGS,
  profile: "oidc",
  idTokenSigningAlgs: ["RS256"],
};
const issuer = createTestIssuer();
const accessToken = issuer.accessToken();

function outcome(
  status: number,
  body: unknown,
  {
    settings = ROLLUP_SETTINGS,
    headers = {},
  }: { settings?: IdpSettings; headers?: HttpResponse["headers"] } = {},
): TokenOutcome {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = { status, headers, body: Buffer.from(text) };
  return readTokenAnswer(response, {
    settings,
    profile: createProfile(settings),
    sub: ALICE,
    now: NOW,
  });
}

const rollupError = (code: string, message: string) => ({
  code,
  message,
  name: "RollupError",
  traceparent: "00-1",
});

describe("a good answer", () => {
  test("of Rollup ID has no expires_in: the expiry is the access token's exp", () => {
    expect(outcome(200, { token_type: "Bearer", access_token: accessToken })).toEqual({
      kind: "tokens",
      accessToken: {
        accessToken,
        tokenType: "Bearer",
        expiresAt: NOW + 3_590_000,
        scope: "openid profile",
      },
      refreshToken: undefined,
      foreign: false,
      sub: ALICE,
    });
  });

  test("may have any 2xx status, and token_type in any case", () => {
    expect(outcome(201, { token_type: "bearer", access_token: accessToken }).kind).toBe("tokens");
    expect(outcome(200, { access_token: accessToken }).kind).toBe("tokens");
  });

  test("of Rollup ID whose access token cannot be read counts for an hour less a minute", () => {
    expect(outcome(200, { access_token: "opaque" })).toMatchObject({
      accessToken: { expiresAt: NOW + 3_540_000 },
    });
  });

  test("S46: brings a refresh token only if there is one that is a text", () => {
    for (const refresh_token of [undefined, null, "", 7, {}]) {
      expect(outcome(200, { access_token: accessToken, refresh_token })).toMatchObject({
        refreshToken: undefined,
      });
    }
    expect(outcome(200, { access_token: accessToken, refresh_token: "new" })).toMatchObject({
      refreshToken: "new",
    });
  });

  test.each([
    [60, 60],
    ["60", 60],
    [undefined, 3_590],
    ["soon", 3_590],
    [-1, 3_590],
    [null, 3_590],
  ])("of an RFC provider says expires_in %p", (expires_in, seconds) => {
    const answer = outcome(
      200,
      { access_token: accessToken, token_type: "Bearer", expires_in },
      { settings: OIDC_SETTINGS },
    );
    expect(answer).toMatchObject({ accessToken: { expiresAt: NOW + seconds * 1000 } });
  });
});

describe("S29: an answer about somebody else", () => {
  const settings = { ...OIDC_SETTINGS };

  test.each([
    ["the access token's sub", { access_token: issuer.accessToken({ claims: { sub: BOB } }) }],
    [
      "the access token's iss",
      { access_token: issuer.accessToken({ claims: { iss: "https://evil.example" } }) },
    ],
    [
      "the access token's aud",
      { access_token: issuer.accessToken({ claims: { aud: ["other"] } }) },
    ],
    [
      "the ID token's sub",
      { access_token: accessToken, id_token: issuer.idToken({ claims: { sub: BOB } }) },
    ],
  ])("is foreign by %s, and brings its refresh token all the same (S47)", (_, body) => {
    expect(outcome(200, { ...body, refresh_token: "new" })).toMatchObject({
      kind: "tokens",
      foreign: true,
      refreshToken: "new",
    });
  });

  test("of an RFC provider: the audience of an access token may be an API, its sub may not be another", () => {
    const api = issuer.accessToken({ claims: { aud: "https://api.example" } });
    expect(outcome(200, { access_token: api }, { settings })).toMatchObject({ foreign: false });
    const other = issuer.accessToken({ claims: { sub: BOB } });
    expect(outcome(200, { access_token: other }, { settings })).toMatchObject({ foreign: true });
    expect(outcome(200, { access_token: "opaque" }, { settings })).toMatchObject({
      foreign: false,
      sub: undefined,
    });
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

  test.each([
    [200, "<html>"],
    [200, '{"access_token":'],
    [200, {}],
    [200, { access_token: "" }],
    [200, { access_token: 7 }],
    [200, { access_token: accessToken, token_type: "mac" }],
    [200, []],
    [302, ""],
    [307, ""],
  ])("%s %j is no token answer at all", (status, body) => {
    expect(outcome(status, body)).toMatchObject({
      kind: "failed",
      cause: "idp_protocol",
      processed: "maybe",
    });
  });
});

describe("S48: what counts as a refusal of an RFC provider", () => {
  const settings = OIDC_SETTINGS;

  test("invalid_grant is definitive, with status 400 only", () => {
    expect(outcome(400, { error: "invalid_grant" }, { settings })).toEqual({ kind: "refused" });
    expect(outcome(500, { error: "invalid_grant" }, { settings }).kind).toBe("failed");
    expect(outcome(401, { error: "invalid_grant" }, { settings }).kind).toBe("failed");
    expect(outcome(429, { error: "invalid_grant" }, { settings }).kind).toBe("failed");
  });

  test.each([
    [401, "invalid_client"],
    [400, "invalid_client"],
    [400, "unauthorized_client"],
    [400, "unsupported_grant_type"],
    [400, "invalid_scope"],
  ])("%s %s is the operator's", (status, error) => {
    expect(outcome(status, { error }, { settings })).toEqual({ kind: "client_rejected" });
  });

  test("Rollup ID's words mean nothing here, nor does an unknown error", () => {
    expect(outcome(401, rollupError("UNAUTHORIZED", "invalid token"), { settings }).kind).toBe(
      "failed",
    );
    expect(outcome(400, { error: "temporarily_unavailable" }, { settings }).kind).toBe("failed");
  });
});

describe("S51: Retry-After", () => {
  test.each([
    ["7", 7],
    ["0", 0],
    ["999999", 3_600],
    [new Date(NOW + 30_000).toUTCString(), 30],
    [new Date(NOW - 30_000).toUTCString(), 0],
    ["soon", undefined],
    ["-5", undefined],
    ["1.5", undefined],
  ])("%p is read as %p seconds", (value, retryAfterSeconds) => {
    const answer = outcome(429, "", { headers: { "retry-after": value } });
    if (value === "-5" || value === "1.5") {
      // Date.parse takes them for years; whatever comes of it is within bounds.
      expect(answer).toMatchObject({ kind: "failed", cause: "idp_rate_limited" });
      return;
    }
    expect(answer).toEqual({
      kind: "failed",
      cause: "idp_rate_limited",
      processed: "no",
      retryAfterSeconds,
    });
  });
});

test("whatever comes, the answer is an outcome, and only listed bodies are refusals", () => {
  const body = fc.oneof(fc.json(), fc.string(), fc.constant('{"name":"RollupError"}'));
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), body, (status, text) => {
      for (const settings of [ROLLUP_SETTINGS, OIDC_SETTINGS]) {
        expect(["tokens", "failed"]).toContain(outcome(status, text, { settings }).kind);
      }
    }),
    { numRuns: 500 },
  );
});

test("the issuer of the test tokens is the configured one", () => {
  expect(ISSUER).toBe(ROLLUP_SETTINGS.issuer);
});
