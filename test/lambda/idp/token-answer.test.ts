import { ALICE, BOB, ISSUER, NOW } from "../../support/tokens";
import { accessToken, issuer, OIDC_SETTINGS, outcome, ROLLUP_SETTINGS } from "./answers";

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
      scopes: ["openid", "profile"],
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

  test("may begin with a byte order mark", () => {
    const text = `\ufeff${JSON.stringify({ access_token: accessToken, refresh_token: "new" })}`;
    expect(outcome(200, text)).toMatchObject({ kind: "tokens", refreshToken: "new" });
  });

  test.each([
    ["in milliseconds, as the first builds wrote it", NOW + 3_600_000, 3_600],
    ["beyond what a time can be", 1e308, 3_600],
    ["long past", -1e308, 0],
    ["a text", "soon", 3_540],
  ])("of Rollup ID with an exp %s is believed within reason", (_, exp, seconds) => {
    const token = issuer.accessToken({ claims: { exp } });
    expect(outcome(200, { access_token: token })).toMatchObject({
      accessToken: { expiresAt: NOW + seconds * 1000 },
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
    ["0x10", 3_590],
    [-1, 3_590],
    [null, 3_590],
    [0.0005, 0],
    [1e306, 7 * 24 * 3_600],
    ["9".repeat(400), 7 * 24 * 3_600],
  ])("of an RFC provider says expires_in %p", (expires_in, seconds) => {
    const answer = outcome(
      200,
      { access_token: accessToken, token_type: "Bearer", expires_in },
      { settings: OIDC_SETTINGS },
    );
    expect(answer).toMatchObject({ accessToken: { expiresAt: NOW + seconds * 1000 } });
  });
});

describe("what has one meaning is read, however it is written", () => {
  const settings = OIDC_SETTINGS;
  const opaque = { access_token: "opaque", expires_in: 60 };

  test.each([
    [{ token_type: null }, {}],
    [{ token_type: "" }, {}],
    [{ token_type: " BEARER " }, {}],
    [{ scope: ["openid", "email"] }, { scope: "openid email" }],
    [{ scope: [] }, { scope: "" }],
    [{ scope: [7] }, { scope: undefined }],
    [{ scope: null }, { scope: undefined }],
    [{ expires_in: 60.5 }, { expiresAt: NOW + 60_500 }],
    [{ expires_in: "60.5" }, { expiresAt: NOW + 60_500 }],
    [{ expires_in: " 60 " }, { expiresAt: NOW + 60_000 }],
    [{ expires_in: null }, { expiresAt: NOW + 3_540_000 }],
    [{ id_token: null }, {}],
    [{ id_token: "a.b" }, {}],
  ])("%j", (members, expected) => {
    const answer = outcome(200, { ...opaque, ...members }, { settings });
    expect(answer).toMatchObject({ kind: "tokens", accessToken: expected });
  });

  test.each(["DPoP", "mac", "N_A", 7, ["Bearer"], {}, false])(
    "a token_type %j is of another kind",
    (token_type) => {
      const answer = outcome(200, { ...opaque, token_type, refresh_token: "new" }, { settings });
      expect(answer).toMatchObject({ kind: "failed", cause: "idp_protocol", refreshToken: "new" });
    },
  );

  test("a form in the place of JSON, as before RFC 6749", () => {
    const form = "access_token=a%20b&refresh_token=new&expires_in=60&token_type=bearer\n";
    expect(outcome(200, form, { settings })).toMatchObject({
      kind: "tokens",
      refreshToken: "new",
      accessToken: { accessToken: "a b", expiresAt: NOW + 60_000 },
    });
    expect(outcome(200, "error=invalid_grant", { settings })).toEqual({ kind: "refused" });
    for (const text of ["access_token", "<a>access_token=a</a>", "a=b c", "Error: x=y"]) {
      expect(outcome(200, text, { settings }).kind).toBe("failed");
    }
  });

  test("the time of a JWT counts by our clock, where the provider's is ahead", () => {
    const [iat, exp] = [NOW / 1000 + 90, NOW / 1000 + 690];
    const ahead = issuer.accessToken({ claims: { iat, exp } });
    for (const each of [OIDC_SETTINGS, ROLLUP_SETTINGS]) {
      expect(outcome(200, { access_token: ahead }, { settings: each })).toMatchObject({
        accessToken: { expiresAt: NOW + 600_000 },
      });
    }
  });
});

describe("S47: a successor is never dropped", () => {
  test.each([
    ["without an access token", {}],
    ["with an empty access token", { access_token: "" }],
    ["with an access token of absurd size", { access_token: "x".repeat(16_385) }],
    ["with a token that is no bearer", { access_token: accessToken, token_type: "DPoP" }],
  ])("in an answer %s, which is no use otherwise", (_, body) => {
    expect(outcome(200, { ...body, refresh_token: "new" })).toEqual({
      kind: "failed",
      cause: "idp_protocol",
      processed: "maybe",
      retryAfterSeconds: undefined,
      refreshToken: "new",
    });
  });

  test("for its size, up to all that an answer can hold", () => {
    const refresh_token = "x".repeat(60_000);
    expect(outcome(200, { access_token: accessToken, refresh_token })).toMatchObject({
      refreshToken: refresh_token,
    });
  });

  test("with an access token of Rollup ID that is not a JWT", () => {
    expect(outcome(200, { access_token: "opaque", refresh_token: "new" })).toMatchObject({
      kind: "tokens",
      refreshToken: "new",
    });
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

  test.each(["iss", "sub", "aud"])(
    "F14: an access token of Rollup ID without %s is not known to be ours",
    (name) => {
      const without = issuer.accessToken({ claims: { [name]: undefined } });
      const body = { access_token: without, refresh_token: "new" };
      expect(outcome(200, body)).toMatchObject({
        foreign: true,
        sub: undefined,
        refreshToken: "new",
      });
    },
  );

  test.each(["opaque", "a.b", "e30.bnVsbA.s", "e30.e30.s"])(
    "F14: %p in the place of an access token of Rollup ID is not known to be ours",
    (access_token) => {
      expect(outcome(200, { access_token })).toMatchObject({ foreign: true, sub: undefined });
    },
  );

  test("F14: of Rollup ID the access token proves the subject, by itself", () => {
    expect(outcome(200, { access_token: accessToken })).toMatchObject({
      foreign: false,
      sub: ALICE,
    });
    const id_token = issuer.idToken();
    expect(outcome(200, { access_token: accessToken, id_token })).toMatchObject({ sub: ALICE });
  });

  test.each([
    ["another subject", { sub: BOB }],
    ["the user's name at that API", { sub: "alice@corp.example", aud: "https://api.example" }],
    ["an older name of the issuer", { iss: "https://sts.example/t/", sub: "pairwise" }],
    ["nothing of all that", { iss: undefined, sub: undefined, aud: undefined }],
  ])(
    "12.7: of an RFC provider the access token is opaque: %s in it changes nothing",
    (_, claims) => {
      const access_token = issuer.accessToken({ claims });
      const alone = outcome(200, { access_token }, { settings });
      expect(alone).toMatchObject({ foreign: false, sub: undefined });
      const id_token = issuer.idToken();
      const beside = outcome(200, { access_token, id_token }, { settings });
      expect(beside).toMatchObject({ foreign: false, sub: ALICE });
    },
  );

  test.each([
    ["sub", { sub: BOB }],
    ["iss", { iss: "https://evil.example" }],
    ["aud", { aud: "another-client" }],
    ["aud, of several", { aud: ["another-client", "third"] }],
  ])("of an RFC provider: the ID token's %s may not be another (OIDC Core 12.2)", (_, claims) => {
    const id_token = issuer.idToken({ claims });
    const body = { access_token: "opaque", id_token, refresh_token: "new" };
    const answer = outcome(200, body, { settings });
    expect(answer).toMatchObject({ foreign: true, sub: undefined, refreshToken: "new" });
  });

  test.each([
    ["no text", 7],
    ["null", null],
    ["no JWT", "opaque"],
    ["one that is encrypted", "a.b.c.d.e"],
    ["one that says nothing", "e30.e30.s"],
    ["one without sub", issuer.idToken({ claims: { sub: undefined } })],
    ["one without iss", issuer.idToken({ claims: { iss: undefined } })],
    ["one without aud", issuer.idToken({ claims: { aud: undefined } })],
  ])(
    "of an RFC provider: an ID token that is %s ends nothing, and proves nothing",
    (_, id_token) => {
      const answer = outcome(200, { access_token: "opaque", id_token }, { settings });
      expect(answer).toMatchObject({ kind: "tokens", foreign: false, sub: undefined });
    },
  );

  test("of an RFC provider: further audiences of an ID token are no reason", () => {
    const id_token = issuer.idToken({ claims: { aud: [settings.clientId, "other"] } });
    const answer = outcome(200, { access_token: "opaque", id_token }, { settings });
    expect(answer).toMatchObject({ foreign: false, sub: ALICE });
  });

  test("what an access token says of its scope is shown, where the answer does not say it", () => {
    const answer = outcome(200, { access_token: accessToken, scope: "a" }, { settings });
    expect(answer).toMatchObject({ accessToken: { scope: "a" } });
    expect(outcome(200, { access_token: accessToken }, { settings })).toMatchObject({
      accessToken: { scope: "openid profile" },
    });
    expect(outcome(200, { access_token: "opaque" }, { settings })).toMatchObject({
      accessToken: { scope: undefined },
    });
  });
});

describe("no token answer at all", () => {
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

test("the issuer of the test tokens is the configured one", () => {
  expect(ISSUER).toBe(ROLLUP_SETTINGS.issuer);
});
