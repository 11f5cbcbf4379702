import type { KeyRequest } from "../../../lambda/auth/key-set";
import { createKeySet, MAX_AGE_MS, MAX_STALE_MS } from "../../../lambda/auth/key-set";
import { COOLDOWN_MS } from "../../../lambda/auth/reload-budget";
import type { HttpResponse } from "../../../lambda/ports/http-client";
import { createTestKey } from "../../support/tokens";
import { createUsersApi, ROLLUP_SETTINGS } from "../../support/users-api";

type Api = ReturnType<typeof createUsersApi>;

let api: Api;

beforeEach(() => {
  api = createUsersApi();
});

afterEach(() => {
  api.clock.restore();
});

/** A good token as of the clock's now. */
function goodToken(header: Record<string, unknown> = {}): string {
  const iat = Math.floor(api.clock.now() / 1000);
  return api.issuer.idToken({ header, claims: { iat, exp: iat + 3600 } });
}

function requestOf(kid: string): KeyRequest {
  const iat = api.clock.now() / 1000;
  return { kid, iat, alg: "ES256", token: kid, isFromTokenEndpoint: false };
}

describe("the key set", () => {
  test("is fetched once for many tokens, also for tokens that come at once", async () => {
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => api.verdict(goodToken())));
    expect(verdicts.filter((status) => status < 300)).toHaveLength(20);
    expect(api.server.requests).toHaveLength(1);
  });

  test("S07: is asked for with a limit of 1.5 s and 64 KB", async () => {
    await api.verdict(goodToken());
    expect(api.server.requests[0]).toMatchObject({
      timeoutMs: 1_500,
      maxBytes: 65_536,
      method: "GET",
      headers: { accept: "application/json" },
    });
  });

  test.each([
    ["a redirect", { status: 302, headers: { location: "https://evil.example" } }],
    ["an error page", { status: 500 }],
    ["HTML", { body: Buffer.from("<html>") }],
    ["a document that is no key set", { body: Buffer.from("{}") }],
    ["nothing", "down" as const],
  ])("S07 S08: %s instead of it is an outage: 503, and never open", async (_, instead) => {
    api.server.answer(instead);
    const { status, body, headers } = await api.call("GET /me", {
      headers: { authorization: `Bearer ${goodToken()}` },
    });
    expect({ status, code: body?.["code"], action: body?.["action"] }).toEqual({
      status: 503,
      code: "temporarily_unavailable",
      action: "retry",
    });
    expect(headers["retry-after"]).toBeDefined();
  });

  test("S06: unknown kids cause one fetch per cooldown, and good keys stay usable meanwhile", async () => {
    await api.verdict(goodToken());
    expect(await api.verdict(goodToken({ kid: "unknown" }))).toBe(401);
    for (let round = 0; round < 50; round += 1) {
      expect(await api.verdict(goodToken({ kid: `unknown-${String(round)}` }))).toBe(503);
      expect(await api.verdict(goodToken())).toBe(200);
    }
    expect(api.server.requests).toHaveLength(2);
    api.clock.advance(COOLDOWN_MS);
    expect(await api.verdict(goodToken({ kid: "unknown" }))).toBe(401);
    expect(api.server.requests).toHaveLength(3);
  });

  test("S06: a flood of unknown kids at once shares one fetch", async () => {
    await api.verdict(goodToken());
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, (_, at) => api.verdict(goodToken({ kid: `u${String(at)}` }))),
    );
    expect(verdicts.filter((status) => status === 401)).toHaveLength(1);
    expect(verdicts.filter((status) => status === 503)).toHaveLength(49);
    expect(api.server.requests).toHaveLength(2);
  });

  test("S09: a key that was added just before signing is believed at once, old tokens too", async () => {
    const old = goodToken();
    await api.verdict(old);
    api.issuer.addKey();
    const fresh = Array.from({ length: 10 }, () => goodToken());
    const verdicts = await Promise.all([...fresh, old].map((token) => api.verdict(token)));
    expect(verdicts.filter((status) => status !== 200)).toEqual([]);
    expect(api.server.requests).toHaveLength(2);
  });

  test("S09: also right after the set was fetched again for its age", async () => {
    await api.verdict(goodToken());
    api.clock.advance(MAX_AGE_MS);
    expect(await api.verdict(goodToken())).toBe(200);
    api.issuer.addKey();
    expect(await api.verdict(goodToken())).toBe(200);
    expect(api.server.requests).toHaveLength(3);
  });

  test("is fetched again after ten minutes, and a key that was withdrawn is believed no longer", async () => {
    const old = goodToken();
    api.issuer.addKey();
    await api.verdict(old);
    const [, ...left] = api.issuer.jwks().keys;
    api.server.answer({ body: Buffer.from(JSON.stringify({ keys: left })) });
    expect(await api.verdict(old)).toBe(200);
    api.clock.advance(MAX_AGE_MS);
    expect(await api.verdict(old)).toBe(401);
  });

  test("S08: through an outage known kids are believed for a day, and asked about twice a minute", async () => {
    await api.verdict(goodToken());
    api.server.answer("down");
    api.clock.advance(MAX_AGE_MS);
    for (let round = 0; round < 10; round += 1) {
      expect(await api.verdict(goodToken())).toBe(200);
    }
    expect(api.server.requests).toHaveLength(2);
    api.clock.advance(MAX_STALE_MS - MAX_AGE_MS - 1);
    expect(await api.verdict(goodToken())).toBe(200);
    api.clock.advance(1);
    expect(await api.verdict(goodToken())).toBe(503);
  });

  test("S08: while known kids are believed, a provider that is back is found within 30 seconds", async () => {
    await api.verdict(goodToken());
    api.server.answer("down");
    api.clock.advance(MAX_AGE_MS);
    await api.verdict(goodToken());
    api.server.answer(undefined);
    api.clock.advance(COOLDOWN_MS - 1);
    expect(await api.verdict(goodToken())).toBe(200);
    expect(api.server.requests).toHaveLength(2);
    api.clock.advance(1);
    expect(await api.verdict(goodToken())).toBe(200);
    expect(api.server.requests).toHaveLength(3);
  });

  test("S08: once nobody is believed any more, it is found within two seconds", async () => {
    await api.verdict(goodToken());
    api.server.answer("down");
    api.clock.advance(MAX_STALE_MS - 2_000);
    expect(await api.verdict(goodToken())).toBe(200);
    api.server.answer(undefined);
    api.clock.advance(2_000);
    expect(await api.verdict(goodToken())).toBe(200);
  });

  test("S08: an unknown kid during an outage is 503, since it may be a new key", async () => {
    await api.verdict(goodToken());
    api.server.answer("down");
    expect(await api.verdict(goodToken({ kid: "new" }))).toBe(503);
    expect(await api.verdict(goodToken({ kid: "newer" }))).toBe(503);
    await expect(api.keySet.keysFor(requestOf("newest"))).rejects.toMatchObject({
      name: "UnavailableError",
      reason: "key_set_unavailable",
      retryAfterSeconds: 30,
    });
    expect(await api.verdict(goodToken())).toBe(200);
  });

  test("S06 S08: right after a fetch that failed, an unknown kid causes no other one", async () => {
    await api.verdict(goodToken());
    api.clock.advance(MAX_AGE_MS);
    api.server.answer("down");
    expect(await api.verdict(goodToken())).toBe(200);
    expect(await api.verdict(goodToken({ kid: "new" }))).toBe(503);
    expect(api.server.requests).toHaveLength(2);
    api.server.answer(undefined);
    api.issuer.addKey();
    api.clock.advance(COOLDOWN_MS);
    expect(await api.verdict(goodToken())).toBe(200);
    expect(await api.verdict(goodToken({ kid: "forged" }))).toBe(401);
  });

  test("S08: an unknown kid is told to come back when the next fetch may be, also after one for age", async () => {
    await api.verdict(goodToken());
    api.clock.advance(MAX_AGE_MS);
    api.server.answer("down");
    await api.verdict(goodToken());
    api.clock.advance(20_000);
    await expect(api.keySet.keysFor(requestOf("new"))).rejects.toMatchObject({
      reason: "key_set_unavailable",
      retryAfterSeconds: 10,
    });
  });

  test("an outage at the first request ends two seconds after the provider is back, and is forgotten", async () => {
    api.server.answer("down");
    await expect(api.keySet.keysFor(requestOf("any"))).rejects.toMatchObject({
      name: "UnavailableError",
      reason: "key_set_unavailable",
      retryAfterSeconds: 2,
    });
    expect(await api.verdict(goodToken())).toBe(503);
    api.server.answer(undefined);
    expect(await api.verdict(goodToken())).toBe(503);
    api.clock.advance(2_000);
    expect(await api.verdict(goodToken())).toBe(201);
    api.issuer.addKey();
    expect(await api.verdict(goodToken())).toBe(200);
    expect(await api.verdict(goodToken({ kid: "forged" }))).toBe(401);
  });
});

describe("S06: while a fetch hangs", () => {
  const key = createTestKey("good", "ES256");

  function createHangingKeySet() {
    const waiting: ((response: HttpResponse) => void)[] = [];
    const http = {
      send: () =>
        new Promise<HttpResponse>((resolve) => {
          waiting.push(resolve);
        }),
    };
    const { jwksUri } = ROLLUP_SETTINGS;
    const keySet = createKeySet({ jwksUri, algs: ["ES256"], http, clock: api.clock });
    const answer = (...keys: unknown[]) => {
      const body = Buffer.from(JSON.stringify({ keys }));
      waiting.at(-1)?.({ status: 200, headers: {}, body });
    };
    return { keySet, answer, fetches: () => waiting.length };
  }

  test("for an unknown kid, known kids are believed without waiting, and all who wait share it", async () => {
    const { keySet, answer, fetches } = createHangingKeySet();
    const first = keySet.keysFor(requestOf("good"));
    answer(key.publicJwk);
    await first;
    const added = createTestKey("added", "ES256").publicJwk;
    const waiters = ["added", "added", "forged"].map(
      async (kid) => await keySet.keysFor(requestOf(kid)),
    );
    const outcomes = Promise.allSettled(waiters);
    expect((await keySet.keysFor(requestOf("good"))).map(({ kid }) => kid)).toEqual(["good"]);
    answer(key.publicJwk, added);
    expect((await outcomes).map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
    ]);
    expect(fetches()).toBe(2);
  });

  test("for its age, a thousand callers share it", async () => {
    const { keySet, answer, fetches } = createHangingKeySet();
    const callers = Array.from(
      { length: 1_000 },
      async () => await keySet.keysFor(requestOf("good")),
    );
    answer(key.publicJwk);
    await Promise.all(callers);
    expect(fetches()).toBe(1);
  });
});
