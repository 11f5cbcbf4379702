/** What junk, mishaps and rotations do to the key set together, as a black box; the parts have their own tables. */
import { COOLDOWN_MS, MAX_AGE_MS, MAX_STALE_MS } from "../../../lambda/auth/key-set";
import type { IdpSettings } from "../../../lambda/env";
import { ALICE, createTestKey } from "../../support/tokens";
import { createTokenJudge, type TokenJudge } from "../../support/token-judge";
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

function token(header: Record<string, unknown> = {}, ageSeconds = 0): string {
  const iat = Math.floor(api.clock.now() / 1000) - ageSeconds;
  return api.issuer.idToken({ header, claims: { iat, exp: iat + 3600 } });
}

const fetches = () => api.server.requests.length;

/** The provider serves exactly these. */
const serve = (...keys: unknown[]) => {
  api.server.answer({ body: Buffer.from(JSON.stringify({ keys })) });
};

describe("12.2: a made-up kid and a rotation", () => {
  test("S06 S09: after junk the provider's next rotation is believed at once", async () => {
    await api.judge(token());
    expect(await api.judge(token({ kid: "junk" }))).toBe("unknown_key");
    api.issuer.addKey();
    expect(await api.judge(token())).toBe("believed");
    expect(fetches()).toBe(3);
  });

  test("S06 S09: junk of the provider's own form delays it by a cooldown, and never says 401", async () => {
    await api.judge(token());
    expect(await api.judge(token({ kid: "1682004114890" }))).toBe("unknown_key");
    api.issuer.addKey();
    const good = token();
    const headers = { authorization: `Bearer ${good}` };
    api.clock.advance(1_000);
    const answer = await api.call("GET /me", { headers });
    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "29"]);
    api.clock.advance(COOLDOWN_MS - 1_000);
    expect(await api.judge(good)).toBe("believed");
    expect(fetches()).toBe(3);
  });

  test("S06 S09: junk before, between and after: no good token is ever a 401, and fetches are few", async () => {
    const verdicts = new Set<string>();
    const minutes = 20;
    for (let second = 0; second < minutes * 60; second += 5) {
      await api.judge(token({ kid: `junk-${String(second)}` }));
      await api.judge(token({ kid: String(1_682_004_000_000 + second) }));
      if (second % 300 === 150) {
        api.issuer.addKey();
      }
      verdicts.add(await api.judge(token()));
      api.clock.advance(5_000);
    }
    expect(verdicts).toEqual(new Set(["believed", "503"]));
    // For its age twice, twice a minute for junk, twice in reserve.
    expect(fetches()).toBeLessThanOrEqual(2 * minutes + 5);
  });

  test("S06: ten thousand different kids at once cause one fetch", async () => {
    await api.judge(token());
    const flood = Array.from({ length: 10_000 }, (_, at) => ({
      ...{ kid: `junk ${String(at)}`, alg: "ES256" as const, token: String(at) },
      ...{ iat: api.clock.now() / 1000, isFromTokenEndpoint: false },
    }));
    const outcomes = await Promise.allSettled(flood.map((each) => api.keySet.keysFor(each)));
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    expect(fetches()).toBe(2);
    expect(await api.judge(token())).toBe("believed");
  });

  test("S09: a reload that finds its key costs nothing: rotations may follow each other", async () => {
    await api.judge(token());
    for (let rotation = 0; rotation < 5; rotation += 1) {
      api.issuer.addKey();
      expect(await api.judge(token())).toBe("believed");
    }
    expect(await api.judge(token({ kid: "junk" }))).toBe("unknown_key");
    expect(fetches()).toBe(7);
  });
});

describe("what is said of an unknown key", () => {
  test("the same token has the same answer, whatever has been fetched since", async () => {
    await api.judge(token());
    const [junk, careful] = [token({ kid: "junk" }), token({ kid: "1682004114890" })];
    for (const each of [junk, junk, careful, junk, careful]) {
      expect(await api.judge(each)).toBe("unknown_key");
    }
    expect(await api.judge(token({ kid: "1682004114892" }))).toBe("503");
    expect(fetches()).toBe(3);
  });

  test("of refused tokens the last sixteen are known again", async () => {
    await api.judge(token());
    const junk = token({ kid: "1682004114890" });
    const exchanged = async (at: number) => {
      const unknown = api.idTokens.verifyExchanged(token({ kid: `unknown ${String(at)}` }));
      await expect(unknown).rejects.toMatchObject({ reason: "unknown_key" });
    };
    expect(await api.judge(junk)).toBe("unknown_key");
    for (let at = 0; at < 15; at += 1) {
      await exchanged(at);
    }
    expect(await api.judge(junk)).toBe("unknown_key");
    await exchanged(15);
    expect(await api.judge(junk)).toBe("503");
  });

  test("a key that the provider brings out after it has signed is found after a cooldown", async () => {
    await api.judge(token());
    const early = token({ kid: "1682004114892" });
    expect(await api.judge(early)).toBe("unknown_key");
    const key = api.issuer.addKey("1682004114892");
    const late = api.issuer.idToken({ key });
    expect(await api.judge(late)).toBe("503");
    api.clock.advance(COOLDOWN_MS);
    expect(await api.judge(late)).toBe("believed");
  });

  test("a token that was there long before the newest set is refused, whatever its kid", async () => {
    await api.judge(token({}, 61));
    await api.judge(token({ kid: "junk" }));
    const now = (kid: string, age: number) => api.judge(token({ kid }, age));
    expect(await now("a", 61)).toBe("unknown_key");
    expect(await now("b", 60)).toBe("503");
    expect(await now("c", 0)).toBe("503");
    expect(fetches()).toBe(2);
  });

  test("such a token takes no reload in reserve", async () => {
    await api.judge(token());
    await api.judge(token({ kid: "junk" }));
    expect(await api.judge(token({ kid: "1682004114890" }, 61))).toBe("unknown_key");
    expect(fetches()).toBe(2);
    expect(await api.judge(token({ kid: "1682004114890" }, 60))).toBe("unknown_key");
    expect(fetches()).toBe(3);
  });

  test("S08: during an outage an old token with an unknown key is no longer looked for, a new one is 503", async () => {
    await api.judge(token());
    api.clock.advance(MAX_AGE_MS);
    api.server.answer("down");
    expect(await api.judge(token())).toBe("believed");
    expect(await api.judge(token({ kid: "junk" }, 700))).toBe("unknown_key");
    expect(await api.judge(token({ kid: "junk" }))).toBe("503");
    expect(fetches()).toBe(2);
  });
});

describe("12.2: a token that came straight from the token endpoint", () => {
  const exchanged = (idToken: string) => api.idTokens.verifyExchanged(idToken);

  test("has its key looked for whatever junk came before it", async () => {
    await api.judge(token());
    await api.judge(token({ kid: "1682004114890" }));
    for (let rotation = 0; rotation < 3; rotation += 1) {
      api.issuer.addKey();
      expect(await exchanged(token())).toMatchObject({ sub: ALICE });
    }
    expect(fetches()).toBe(5);
  });

  test("is looked for again each time, and after an outage, and leaves the budget as it was", async () => {
    await api.judge(token());
    const early = token({ kid: "1682004114890" });
    for (let round = 0; round < 2; round += 1) {
      await expect(exchanged(early)).rejects.toMatchObject({ reason: "unknown_key" });
    }
    api.server.answer("down");
    await expect(exchanged(early)).rejects.toMatchObject({ reason: "key_set_unavailable" });
    api.server.answer(undefined);
    api.issuer.addKey("1682004114890");
    expect(await exchanged(token())).toMatchObject({ sub: ALICE });
    expect(fetches()).toBe(5);
    expect(await api.judge(token({ kid: "1682004114892" }))).toBe("unknown_key");
    expect(fetches()).toBe(6);
  });

  test("finds keys before its code is spent, or is told that there are none", async () => {
    api.server.answer("down");
    await expect(api.idTokens.ready()).rejects.toMatchObject({ reason: "key_set_unavailable" });
    api.server.answer(undefined);
    api.clock.advance(2_000);
    await api.idTokens.ready();
    await api.idTokens.ready();
    expect(fetches()).toBe(2);
  });
});

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
      ...["invalid_signature", "believed"],
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
        ...["believed", "unknown_key"],
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
