import { createTokenJudge, type TokenJudge } from "../../support/token-judge";
import { CLIENT_ID, ISSUER, NOW } from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";

const IAT = Math.floor(NOW / 1000) - 10;

let api: TokenJudge;

beforeEach(() => {
  api = createTokenJudge();
});

afterEach(() => {
  api.clock.restore();
});

describe("S10 S11: issuer and audience", () => {
  test.each([
    `${ISSUER}/`,
    "https://passport.example.evil",
    ISSUER.toUpperCase(),
    "",
    1,
    null,
    undefined,
    [ISSUER],
  ])("S10: iss %p is refused", async (iss) => {
    expect(await api.judgeIdToken({ claims: { iss } })).toBe("invalid_issuer");
  });

  test.each([
    ["another client", ["other"]],
    ["ours and another", [CLIENT_ID, "other"]],
    ["ours twice", [CLIENT_ID, CLIENT_ID]],
    ["nobody", []],
    ["a nested list", [[CLIENT_ID]]],
    ["an object", { 0: CLIENT_ID, length: 1 }],
    ["nothing", undefined],
    ["null", null],
    ["the empty string", ""],
    ["ours with a space", ` ${CLIENT_ID}`],
    ["ours in upper case", CLIENT_ID.toUpperCase()],
  ])("S11: an audience of %s is refused", async (_, aud) => {
    expect(await api.judgeIdToken({ claims: { aud } })).toBe("invalid_audience");
  });

  test("S11: exactly our client id is believed, as a string and as a list of one", async () => {
    expect(await api.judgeIdToken({ claims: { aud: CLIENT_ID } })).toBe("believed");
    expect(await api.judgeIdToken({ claims: { aud: [CLIENT_ID] } })).toBe("believed");
  });

  test("S11: azp, where it is there, must be our client id", async () => {
    expect(await api.judgeIdToken({ claims: { azp: CLIENT_ID } })).toBe("believed");
    for (const azp of ["other", "", null, [CLIENT_ID]]) {
      expect(await api.judgeIdToken({ claims: { azp } })).toBe("invalid_audience");
    }
  });
});

describe("S12 S28: lifetime", () => {
  test.each([
    ["no exp", { exp: undefined }],
    ["no iat", { iat: undefined }],
    ["exp as text", { exp: String(IAT + 3600) }],
    ["iat as text", { iat: String(IAT) }],
    ["exp null", { exp: null }],
    ["a fraction of a second", { exp: IAT + 3599.5 }],
    ["exp before iat", { exp: IAT - 1 }],
    ["exp equal to iat", { exp: IAT }],
    ["a lifetime above an hour", { exp: IAT + 3601 }],
    ["exp in the year 9999", { exp: 253_402_300_799 }],
    ["an infinite exp", { exp: 1e400 }],
    ["milliseconds instead of seconds", { iat: NOW, exp: NOW + 3_600_000 }],
    ["iat a day ahead", { iat: IAT + 86_400, exp: IAT + 90_000 }],
    ["nbf ahead", { nbf: IAT + 3_000 }],
    ["nbf as text", { nbf: "0" }],
    ["nbf null", { nbf: null }],
    ["a negative iat", { iat: -5, exp: 3_000 }],
  ])("S12: %s is refused", async (_, claims) => {
    expect(await api.judgeIdToken({ claims })).toBe("invalid_lifetime");
  });

  test("S12: exp as a number that no double holds is refused", async () => {
    const [, payload = ""] = api.issuer.idToken().split(".");
    const text = Buffer.from(payload, "base64url").toString();
    const [key] = api.issuer.jwks().keys;
    const header = { alg: "ES256", kid: key?.["kid"] };
    const infinite = text.replace(/"exp":\d+/, '"exp":1e999');
    expect(await api.judge(api.issuer.sign(header, text))).toBe("believed");
    expect(await api.judge(api.issuer.sign(header, infinite))).toBe("invalid_lifetime");
  });

  test("S12: iat up to 60 seconds ahead is believed, 61 are not; so is nbf", async () => {
    const now = NOW / 1000;
    const exp = now + 3600;
    expect(await api.judgeIdToken({ claims: { iat: now + 60, exp } })).toBe("believed");
    expect(await api.judgeIdToken({ claims: { iat: now + 61, exp } })).toBe("invalid_lifetime");
    expect(await api.judgeIdToken({ claims: { nbf: now + 60 } })).toBe("believed");
    expect(await api.judgeIdToken({ claims: { nbf: now + 61 } })).toBe("invalid_lifetime");
  });

  test("S12: a lifetime of exactly an hour is believed, as the provider grants it", async () => {
    expect(await api.judgeIdToken({ claims: { exp: IAT + 3600 } })).toBe("believed");
  });

  test("S28: an ID token that ran out 59 seconds ago is believed, one of 61 seconds ago is not", async () => {
    const token = api.issuer.idToken();
    api.clock.advance((3600 - 10 + 59) * 1000);
    expect(await api.judge(token)).toBe("believed");
    api.clock.advance(2_000);
    expect(await api.judge(token)).toBe("invalid_lifetime");
  });
});

describe("S13: look-alikes", () => {
  test("an access token and a refresh token, validly signed, are no bearers here", async () => {
    const { issuer } = api;
    const withExp = { claims: { exp: IAT + 3600 } };
    expect(await api.judge(issuer.accessToken())).toBe("wrong_token_kind");
    expect(await api.judge(issuer.refreshToken())).toBe("wrong_token_kind");
    expect(await api.judge(issuer.refreshToken(withExp))).toBe("wrong_token_kind");
  });

  test("a refresh token with its scope and jti taken away still has no exp", async () => {
    const claims = { scope: undefined, jti: undefined };
    expect(await api.judge(api.issuer.refreshToken({ claims }))).toBe("invalid_lifetime");
  });

  test.each([{ scope: "" }, { scope: null }, { jti: "1" }, { jti: null }, { scope: ["openid"] }])(
    "an ID token with %p is refused",
    async (claims) => {
      expect(await api.judgeIdToken({ claims })).toBe("wrong_token_kind");
    },
  );
});

describe("S14: the subject", () => {
  test.each([
    undefined,
    null,
    "",
    " ",
    7,
    ["urn:rollupid:identity/0x01"],
    "alice",
    "urn:rollupid:identity/",
    "urn:rollupid:identity/0xzz",
    "urn:rollupid:identity/0x01?+x",
    "urn:rollupid:identity/0x01\n",
    " urn:rollupid:identity/0x01",
    "URN:ROLLUPID:IDENTITY/0x01",
    "urn:rollupid:identité/0x01",
    `urn:rollupid:identity/0x${"0".repeat(256)}`,
  ])("%p is refused", async (sub) => {
    expect(await api.judgeIdToken({ claims: { sub } })).toBe("invalid_subject");
  });

  test.each(["urn:rollupid:account/0xAbCd", "urn:threeid:account/0x01"])(
    "the older spelling %p is believed",
    async (sub) => {
      expect(await api.judgeIdToken({ claims: { sub } })).toBe("believed");
    },
  );
});

describe("every check of the claims is our own", () => {
  const wrong = [
    ["invalid_issuer", { iss: "https://evil.example" }],
    ["invalid_audience", { aud: ["other"] }],
    ["invalid_subject", { sub: "" }],
    ["invalid_lifetime", { iat: IAT - 3_600, exp: IAT - 60 }],
    ["wrong_token_kind", { scope: "openid", jti: "1" }],
  ] as const;

  test.each(wrong)("%s is found before any key is fetched", async (reason, claims) => {
    expect(await api.judgeIdToken({ claims })).toBe(reason);
    expect(api.server.requests).toEqual([]);
  });

  test.each(wrong)(
    "%s is found for PS256, where no library looks again",
    async (reason, claims) => {
      api.clock.restore();
      const oidc = { ...ROLLUP_SETTINGS, profile: "oidc", idTokenSigningAlgs: ["PS256"] } as const;
      api = createTokenJudge(oidc, "PS256");
      expect(await api.judgeIdToken({})).toBe("believed");
      expect(await api.judgeIdToken({ claims })).toBe(reason);
    },
  );
});
