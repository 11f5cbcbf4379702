/** Key sets as providers have them, and what they do by mistake, as a black box. */
import { createHash } from "node:crypto";
import { MAX_AGE_MS, MAX_STALE_MS } from "../../../lambda/auth/key-set";
import { COOLDOWN_MS } from "../../../lambda/auth/reload-budget";
import type { IdpSettings } from "../../../lambda/env";
import { createTokenJudge, type TokenJudge } from "../../support/token-judge";
import { ALICE, createTestKey } from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";

const OIDC = { ...ROLLUP_SETTINGS, profile: "oidc", idTokenSigningAlgs: ["ES256"] } as const;

let api: TokenJudge;

function start(settings: IdpSettings = ROLLUP_SETTINGS) {
  api = createTokenJudge(settings);
}

beforeEach(() => {
  start();
});

afterEach(() => {
  api.clock.restore();
});

const token: TokenJudge["token"] = (...of) => api.token(...of);
const fetches = () => api.fetches();

/** The provider serves exactly these. */
const serve = (...keys: unknown[]) => {
  api.server.answer({ body: Buffer.from(JSON.stringify({ keys })) });
};

describe("F10: an answer that would take everybody's key away", () => {
  const other = createTestKey("other", "ES256");
  const useless = [
    ["no key", []],
    ["nonsense alone", [null, 7, {}]],
    ["no key that can be used", [{ ...other.publicJwk, use: "enc" }]],
  ] as const;

  test.each(useless)("%s: those who were believed still are, for a day", async (_, keys) => {
    expect(await api.judge(token())).toBe("believed");
    serve(...keys);
    api.clock.advance(MAX_AGE_MS);
    expect(await api.judge(token())).toBe("believed");
    api.clock.advance(MAX_STALE_MS - MAX_AGE_MS - 1);
    expect(await api.judge(token())).toBe("believed");
    api.clock.advance(1);
    expect(await api.judge(token())).toBe("503");
  });

  test.each(useless)("%s: an unknown key is 503, and found when it is there", async (_, keys) => {
    await api.judge(token());
    serve(...keys);
    expect(await api.judge(token({ kid: "junk" }))).toBe("503");
    expect(await api.judge(token())).toBe("believed");
    api.issuer.addKey();
    api.server.answer(undefined);
    expect(await api.judge(token())).toBe("503");
    api.clock.advance(COOLDOWN_MS);
    expect(await api.judge(token())).toBe("believed");
  });

  test.each(useless)("%s, at the very first request: 503", async (_, keys) => {
    serve(...keys);
    expect(await api.judge(token())).toBe("503");
  });

  test("other keys: they are believed at once, the old ones until it is said again", async () => {
    const old = token();
    await api.judge(old);
    const added = api.issuer.addKey();
    serve(added.publicJwk);
    expect(await api.judge(token())).toBe("believed");
    expect(await api.judge(old)).toBe("believed");
    api.clock.advance(COOLDOWN_MS - 1);
    expect(await api.judge(old)).toBe("believed");
    expect(fetches()).toBe(2);
    api.clock.advance(1);
    expect(await api.judge(token())).toBe("believed");
    expect(fetches()).toBe(3);
    expect(await api.judge(old)).toBe("unknown_key");
  });

  test("other keys: what is older than their answer is refused, though not older than the one before", async () => {
    await api.judge(token());
    serve(other.publicJwk);
    api.clock.advance(MAX_AGE_MS);
    await api.judge(token());
    const kid = String(api.issuer.jwks().keys[0]?.["kid"]).replace(/.$/, "x");
    expect(await api.judge(token({ kid }))).toBe("unknown_key");
    expect(await api.judge(token({ kid: "y" }, 61))).toBe("unknown_key");
    expect(await api.judge(token({ kid: "y" }, 60))).toBe("503");
  });

  test("other keys by mistake: nobody has noticed, and they are gone with the next answer", async () => {
    const old = token();
    await api.judge(old);
    serve(other.publicJwk);
    api.clock.advance(MAX_AGE_MS);
    expect(await api.judge(old)).toBe("believed");
    api.server.answer(undefined);
    api.clock.advance(COOLDOWN_MS);
    expect(await api.judge(old)).toBe("believed");
    expect(fetches()).toBe(3);
    const forged = token({ kid: "other" });
    expect(await api.judge(forged)).toBe("unknown_key");
  });

  test("other keys, then an outage: the old ones are believed for a day from when they were there", async () => {
    await api.judge(token());
    serve(other.publicJwk);
    api.clock.advance(MAX_AGE_MS);
    await api.judge(token());
    api.server.answer("down");
    api.clock.advance(MAX_STALE_MS - MAX_AGE_MS - 1);
    expect(await api.judge(token())).toBe("believed");
    api.clock.advance(1);
    expect(await api.judge(token())).toBe("503");
  });

  test("a key that was replaced under the same kid: both are believed until it is said again, then one", async () => {
    const before = token();
    await api.judge(before);
    const kid = String(api.issuer.jwks().keys[0]?.["kid"]);
    const replaced = api.issuer.addKey(kid);
    serve(replaced.publicJwk);
    api.clock.advance(MAX_AGE_MS);
    expect([await api.judge(before), await api.judge(token())]).toEqual(["believed", "believed"]);
    const forger = createTestKey(kid, "ES256");
    expect(await api.judge(api.issuer.idToken({ key: forger }))).toBe("invalid_signature");
    api.clock.advance(COOLDOWN_MS);
    expect([await api.judge(before), await api.judge(token())]).toEqual([
      "invalid_signature",
      "believed",
    ]);
  });
});

describe("12.10: key sets as providers have them", () => {
  const own = () => api.issuer.jwks().keys[0]!;

  test.each<[string, () => unknown[]]>([
    ["null among the keys", () => [null, own()]],
    ["a text and a number among the keys", () => ["key", own(), 7]],
    ["an encryption key of the same kid", () => [{ ...own(), use: "enc" }, own()]],
    [
      "a key of the same kid for another algorithm",
      () => [{ ...createTestKey("x", "RS256").publicJwk, kid: own()["kid"] }, own()],
    ],
    ["the same key twice", () => [own(), own()]],
    ["the same key with and without alg", () => [own(), { ...own(), alg: undefined }]],
    [
      "another key without kid",
      () => [{ ...createTestKey("x", "ES256").publicJwk, kid: undefined }, own()],
    ],
    [
      "two others of one kid",
      () => [createTestKey("x", "ES256").publicJwk, createTestKey("x", "ES256").publicJwk, own()],
    ],
  ])("%s: the good key is used", async (_, keys) => {
    serve(...keys());
    expect(await api.judge(token())).toBe("believed");
  });

  test("two usable keys of one kid: that kid is refused, without a fetch, and others are not", async () => {
    const [first, second] = [createTestKey("x", "ES256"), createTestKey("x", "ES256")];
    serve(first.publicJwk, own(), second.publicJwk);
    expect(await api.judge(token())).toBe("believed");
    for (const key of [first, second]) {
      const ambiguous = api.issuer.idToken({ header: { kid: "x" }, key });
      expect(await api.judge(ambiguous)).toBe("ambiguous_key");
    }
    expect(fetches()).toBe(1);
  });

  test("one kid for RS256 and for PS256: each token has its own", async () => {
    api.clock.restore();
    start({ ...OIDC, idTokenSigningAlgs: ["RS256", "PS256"] });
    const keys = [createTestKey("x", "RS256"), createTestKey("x", "PS256")] as const;
    serve(...keys.map(({ publicJwk }) => publicJwk));
    for (const key of keys) {
      const header = { kid: "x", alg: key.alg };
      expect(await api.judgeIdToken({ header, key })).toBe("believed");
    }
    const header = { kid: "x", alg: "PS256" };
    const swapped = { ...keys[0], alg: "PS256" } as const;
    expect(await api.judgeIdToken({ header, key: swapped })).toBe("invalid_signature");
  });
});

describe("12.10: a token that names no key", () => {
  const nameless = (key?: ReturnType<typeof createTestKey>) =>
    api.issuer.idToken({
      header: { kid: undefined },
      ...(key && { key }),
      claims: { iat: api.clock.now() / 1000, exp: api.clock.now() / 1000 + 3600 },
    });

  test("S05: of Rollup ID is refused, which always names it", async () => {
    expect(await api.judge(nameless())).toBe("disallowed_header");
    expect(fetches()).toBe(0);
  });

  describe("of an RFC provider (OIDC Core 10.1)", () => {
    beforeEach(() => {
      api.clock.restore();
      start(OIDC);
    });

    test("is verified by the one key that there is, named or not", async () => {
      expect(await api.judge(nameless())).toBe("believed");
      serve({ ...api.issuer.jwks().keys[0], kid: undefined });
      api.clock.advance(MAX_AGE_MS);
      expect(await api.judge(nameless())).toBe("believed");
      expect(await api.judge(nameless(createTestKey("x", "ES256")))).toBe("unknown_key");
    });

    test.each([null, 7, ["a"], ""])("but %p is no name", async (kid) => {
      expect(await api.judgeIdToken({ header: { kid } })).toBe("disallowed_header");
    });

    test("is verified by the one key of its algorithm", async () => {
      const others = [createTestKey("r", "RS256").publicJwk, null];
      serve(...others, api.issuer.jwks().keys[0]);
      expect(await api.judge(nameless())).toBe("believed");
    });

    test("is refused where there are several", async () => {
      serve(api.issuer.jwks().keys[0], createTestKey("x", "ES256").publicJwk);
      expect(await api.judge(nameless())).toBe("ambiguous_key");
      expect(fetches()).toBe(1);
    });

    test("a bad signature is looked after once, and is what it is", async () => {
      await api.judge(nameless());
      const forged = nameless(createTestKey("x", "ES256"));
      expect(await api.judge(forged)).toBe("unknown_key");
      expect(await api.judge(forged)).toBe("unknown_key");
      expect(await api.judge(nameless(createTestKey("y", "ES256")))).toBe("503");
      expect(fetches()).toBe(2);
      expect(await api.judge(nameless())).toBe("believed");
    });

    test("S09: a rotation is believed at once, and the old key until it is said again", async () => {
      const old = nameless();
      await api.judge(old);
      const added = api.issuer.addKey();
      serve(added.publicJwk);
      expect([await api.judge(nameless()), await api.judge(old)]).toEqual(["believed", "believed"]);
      expect(fetches()).toBe(2);
      api.clock.advance(COOLDOWN_MS);
      expect([await api.judge(nameless()), await api.judge(old)]).toEqual([
        "believed",
        "unknown_key",
      ]);
    });

    test("a named one with a bad signature is not looked after: its key is known", async () => {
      const named = api.issuer.idToken({ key: createTestKey("x", "ES256") });
      expect(await api.judge(named)).toBe("invalid_signature");
      expect(fetches()).toBe(1);
    });
  });
});

test("F11: a key with e = 1 verifies nothing, by RS256 and PS256 alike", async () => {
  for (const alg of ["RS256", "PS256"] as const) {
    api.clock.restore();
    start({ ...OIDC, idTokenSigningAlgs: [alg] });
    const key = createTestKey("rsa", alg);
    expect([key.publicJwk["kty"], key.publicJwk["e"]]).toEqual(["RSA", "AQAB"]);
    serve({ ...key.publicJwk, e: "AQ" });
    const header = { kid: "rsa", alg };
    expect(await api.judgeIdToken({ header, key })).toBe("503");
    const refreshToken = api.issuer.refreshToken({ header, key });
    await expect(api.refreshTokens.verify(refreshToken, ALICE)).rejects.toMatchObject({
      reason: "key_set_unavailable",
    });
  }
});

test("F11: what anybody can sign under e = 1, without a private key, is never believed", async () => {
  api.clock.restore();
  start({ ...OIDC, idTokenSigningAlgs: ["RS256"] });
  const { publicJwk } = createTestKey("rsa", "RS256");
  serve({ ...publicJwk, e: "AQ" });
  const input = token({ kid: "rsa", alg: "RS256" }).split(".").slice(0, 2).join(".");
  const digestInfo = Buffer.from("3031300d060960864801650304020105000420", "hex");
  const digest = createHash("sha256").update(input).digest();
  // RFC 8017 section 9.2: with e = 1 the padded digest is its own signature.
  const padding = Buffer.alloc(256 - 3 - digestInfo.length - digest.length, 0xff);
  const signature = Buffer.concat([Buffer.of(0, 1), padding, Buffer.of(0), digestInfo, digest]);
  expect(await api.judge(`${input}.${signature.toString("base64url")}`)).toBe("503");
});
