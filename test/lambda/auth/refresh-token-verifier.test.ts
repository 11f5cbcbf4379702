import { ALICE, BOB, createTestKey, NOW, type Overrides } from "../../support/tokens";
import { createUsersApi } from "../../support/users-api";

const IAT = Math.floor(NOW / 1000) - 10;
const DAYS_90 = 90 * 86_400;

let api: ReturnType<typeof createUsersApi>;

beforeEach(() => {
  api = createUsersApi();
});

afterEach(() => {
  api.clock.restore();
});

async function reason(token: string, sub = ALICE): Promise<unknown> {
  return await api.refreshTokens.verify(token, sub).then(
    () => "stored",
    (error: unknown) => (error as { reason?: unknown }).reason,
  );
}

const refreshToken = (overrides?: Overrides) => api.issuer.refreshToken(overrides);

describe("S26: a refresh token is taken only if it is provably the caller's own", () => {
  test("one without exp, one with an exp of 90 days, and one whose scope is empty are taken", async () => {
    expect(await reason(refreshToken())).toBe("stored");
    expect(await reason(refreshToken({ claims: { exp: IAT + DAYS_90 } }))).toBe("stored");
    expect(await reason(refreshToken({ claims: { scope: "" } }))).toBe("stored");
  });

  test("one that was issued years ago is taken: they last", async () => {
    expect(await reason(refreshToken({ claims: { iat: IAT - 5 * 365 * 86_400 } }))).toBe("stored");
  });

  test("somebody else's is refused", async () => {
    expect(await reason(refreshToken(), BOB)).toBe("foreign_subject");
    expect(await reason(refreshToken({ claims: { sub: BOB } }))).toBe("foreign_subject");
  });

  test("what was wrong with it is the cause, for the operator", async () => {
    await expect(api.refreshTokens.verify("junk", ALICE)).rejects.toMatchObject({
      name: "InvalidRequestError",
      cause: { reason: "malformed_token" },
    });
  });

  test("look-alikes are refused: an ID token, and an access token of one hour or less", async () => {
    expect(await reason(api.issuer.idToken())).toBe("not_a_refresh_token");
    expect(await reason(api.issuer.accessToken())).toBe("not_a_refresh_token");
    expect(await reason(api.issuer.accessToken({ claims: { exp: IAT + 60 } }))).toBe(
      "not_a_refresh_token",
    );
  });

  test.each([
    ["another issuer", { iss: "https://evil.example" }],
    ["another client", { aud: ["other"] }],
    ["two audiences", { aud: ["8861be510123456789abcdef01234567", "other"] }],
    ["no scope", { scope: undefined }],
    ["a scope that is no text", { scope: ["openid"] }],
    ["no jti", { jti: undefined }],
    ["no sub", { sub: undefined }],
    ["no iat", { iat: undefined }],
    ["iat ahead", { iat: IAT + 3_600 }],
    ["an exp that has passed", { iat: IAT - 2 * DAYS_90, exp: IAT - 1 }],
    ["an exp that is no number", { exp: "never" }],
  ])("%s is refused", async (_, claims) => {
    expect(await reason(refreshToken({ claims }))).toBe("not_a_refresh_token");
  });

  test("a broken signature and a forger's key are refused", async () => {
    const token = refreshToken();
    const forger = createTestKey("forger", "ES256");
    expect(await reason(`${token.slice(0, -8)}AAAAAAAA`)).toBe("not_a_refresh_token");
    expect(await reason(refreshToken({ key: forger }))).toBe("not_a_refresh_token");
    const header = { kid: forger.kid, jwk: forger.publicJwk };
    expect(await reason(refreshToken({ header, key: forger }))).toBe("not_a_refresh_token");
    expect(await reason("opaque")).toBe("not_a_refresh_token");
    expect(await reason(token)).toBe("stored");
  });

  test("S08: while the key set cannot be had, none is taken, and none is called bad", async () => {
    api.server.answer("down");
    expect(await reason(refreshToken())).toBe("key_set_unavailable");
  });
});
