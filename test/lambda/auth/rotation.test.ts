/**
 * What junk and rotations do to the key set together, as a black box; the parts have their own
 * tables.
 */
import { MAX_AGE_MS } from "../../../lambda/auth/key-set";
import { COOLDOWN_MS } from "../../../lambda/auth/reload-budget";
import { createTokenJudge, type TokenJudge } from "../../support/token-judge";
import { ALICE } from "../../support/tokens";

let api: TokenJudge;

beforeEach(() => {
  api = createTokenJudge();
});

afterEach(() => {
  api.clock.restore();
});

const token: TokenJudge["token"] = (...of) => api.token(...of);
const fetches = () => api.fetches();

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
      kid: `junk ${String(at)}`,
      alg: "ES256" as const,
      token: String(at),
      iat: api.clock.now() / 1000,
      isFromTokenEndpoint: false,
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
