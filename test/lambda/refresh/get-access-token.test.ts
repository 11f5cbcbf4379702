import { NeedsSignInError, UnavailableError } from "../../../lambda/errors";
import type { TokenOutcome } from "../../../lambda/ports/provider";
import { failed, failure, failWritesWhen, unavailable } from "../../support/exchange-failures";
import { createWorld, type World } from "../../support/exchange-world";

const HOUR = 3_600_000;

const EXCHANGE_IN_PROGRESS = expect.objectContaining({
  name: "UnavailableError",
  reason: "exchange_in_progress",
  retryAfterSeconds: 1,
}) as unknown;

describe("an access token on demand", () => {
  test("exchanges when none is kept, and serves the kept one until it has too little time left", async () => {
    const world = await createWorld();
    const first = await world.get();
    world.time.advance(HOUR - 61_000);
    const second = await world.get();
    world.time.advance(2_000);
    const third = await world.get();

    expect([first, second, third].map(({ accessToken }) => accessToken)).toEqual([
      "access-token-1",
      "access-token-1",
      "access-token-2",
    ]);
    expect(world.tokenEndpoint.presented).toEqual(["refresh-token-0", "refresh-token-0"]);
  });

  test("a caller may ask for more time left than the kept token has", async () => {
    const world = await createWorld();
    await world.get();
    world.time.advance(600_000);
    expect((await world.get({ minValiditySeconds: 2_990 })).accessToken).toBe("access-token-1");
    expect((await world.get({ minValiditySeconds: 3_010 })).accessToken).toBe("access-token-2");
  });

  test("the caller is told before a refresh, and before a wait for one, and only then", async () => {
    const world = await createWorld();
    const told: string[] = [];
    const ask = (name: string) =>
      world.get({
        onRefreshNeeded: () => {
          told.push(name);
        },
      });
    await Promise.all([ask("refreshes"), ask("waits")]);
    expect(new Set(told)).toEqual(new Set(["refreshes", "waits"]));
    told.length = 0;
    await ask("kept");
    expect(told).toEqual([]);
  });

  test("a user without a refresh token must sign in, with the reason that none is stored", async () => {
    const world = await createWorld();
    const error = await failure(world.get({ sub: "urn:rollupid:identity/0x02" }));
    expect(error).toBeInstanceOf(NeedsSignInError);
    expect(error).toHaveProperty("reason", "no_refresh_token");
  });

  test.each(["none", "grace", "strict"] as const)(
    "S44: 200 callers at once make one exchange with a provider whose rotation is %s, and every one is answered",
    async (rotation) => {
      const world = await createWorld({ rotation });
      const first = await crowd(world, 200);
      expect(first.served).toEqual(["access-token-1"]);
      expect(first.sentAway).toEqual(Array.from(first.sentAway, () => EXCHANGE_IN_PROGRESS));
      const again = await crowd(world, first.sentAway.length);
      expect(again).toMatchObject({ served: ["access-token-1"], sentAway: [] });
      expect(world.tokenEndpoint.presented).toEqual(["refresh-token-0"]);
    },
  );

  test("S44: callers that all ask for more than the provider's lifetime still share one exchange", async () => {
    const world = await createWorld({ exchangeIntervalSeconds: 0, waitingCallers: 50 });
    const calls = Promise.all(
      Array.from({ length: 50 }, () => world.call({ minValiditySeconds: 86_400 })),
    );
    await world.time.run(calls);
    expect(world.tokenEndpoint.presented).toHaveLength(1);
  });

  test("waiting ends after three seconds with Retry-After when the holder takes longer", async () => {
    const world = await createWorld();
    world.tokenEndpoint.during(() => world.time.sleep(3_900));
    const [holder, waiter] = await world.time.run(
      Promise.all([world.call(), failure(world.call())]),
    );
    expect(holder.accessToken).toBe("access-token-1");
    expect(waiter).toBeInstanceOf(UnavailableError);
    expect(waiter).toMatchObject({ reason: "exchange_in_progress", retryAfterSeconds: 2 });
  });

  test("S45: no access token leaves before the successor is durable", async () => {
    let isDown = false;
    const world = await createWorld({
      rotation: "grace",
      wrapStore: (store) => failWritesWhen(store, () => isDown),
    });
    world.tokenEndpoint.during(() => {
      isDown = true;
      world.queue.isDown = true;
    });
    const error = await failure(world.get());
    expect(error).toMatchObject({ reason: "store_unavailable" });

    isDown = false;
    world.queue.isDown = false;
    world.time.advance(20_000);
    expect((await world.get()).accessToken).toBe("access-token-2");
    expect(await world.storedRefreshToken()).toBe("refresh-token-1");
  });

  test("S45: the commit is retried until the deadline, and then the token is served", async () => {
    let failures = 3;
    let isArmed = false;
    const world = await createWorld({
      rotation: "strict",
      wrapStore: (store) => failWritesWhen(store, () => isArmed && failures-- > 0),
    });
    world.tokenEndpoint.during(() => {
      isArmed = true;
    });
    expect((await world.get()).accessToken).toBe("access-token-1");
    expect(await world.storedRefreshToken()).toBe("refresh-token-1");
  });

  test("S46: an answer without a refresh token keeps the old one", async () => {
    const world = await createWorld({ rotation: "none" });
    await world.get();
    expect(await world.storedRefreshToken()).toBe("refresh-token-0");
  });

  test("S46: an answer with a refresh token replaces the old one, under a higher gen", async () => {
    const world = await createWorld({ rotation: "strict" });
    const before = await world.grant();
    await world.get();
    const after = await world.grant();
    expect(await world.storedRefreshToken()).toBe("refresh-token-1");
    expect(after.refreshToken?.gen).toBeGreaterThan(before.refreshToken?.gen ?? Infinity);
  });

  test("S29 S47: a foreign answer is durable before it is judged, and nothing of it is released or served later", async () => {
    const world = await createWorld({ rotation: "strict" });
    world.tokenEndpoint.next({
      outcome: {
        kind: "tokens",
        accessToken: {
          accessToken: "foreign-access-token",
          tokenType: "Bearer",
          expiresAt: world.time.now() + HOUR,
          scope: undefined,
        },
        refreshToken: "foreign-refresh-token",
        foreign: true,
        sub: "urn:rollupid:identity/0x02",
      },
    });
    expect(await failure(world.get())).toMatchObject({ reason: "foreign_subject" });
    expect(await world.storedRefreshToken()).toBe("foreign-refresh-token");
    expect((await world.grant()).accessToken).toBeUndefined();
    expect(world.lines).toContainEqual(
      expect.objectContaining({ level: "error", event: "grant_quarantined" }),
    );
    expect(await failure(world.get())).toMatchObject({ reason: "foreign_subject" });
    expect(world.tokenEndpoint.presented).toHaveLength(1);
  });

  test.each([
    ["a connection refused", failed("idp_unavailable", "no")],
    ["a time-out", failed("idp_in_doubt", "maybe")],
    ["a 5xx, an HTML page, an unknown 400 or 401", failed("idp_unavailable", "maybe")],
    ["a malformed answer", failed("idp_protocol", "maybe")],
    ["a 429", failed("idp_rate_limited", "no", 7)],
    ["a rejected client secret", { outcome: { kind: "client_rejected" } as const }],
  ])("S48: %s neither asks for a sign-in nor deletes the ciphertext", async (_, answer) => {
    for (const rotation of ["none", "grace", "strict"] as const) {
      const world = await createWorld({ rotation });
      world.tokenEndpoint.next(answer);
      const error = await failure(world.get());
      expect(error).not.toBeInstanceOf(NeedsSignInError);
      expect(await world.grant()).toMatchObject({ status: "active" });
      world.time.advance(60_000);
      expect((await world.get()).accessToken).toBe("access-token-1");
    }
  });

  test("S47: a successor in an answer that is of no other use is kept, and used next", async () => {
    const world = await createWorld({ rotation: "strict" });
    world.tokenEndpoint.next({
      outcome: {
        ...failed("idp_protocol", "maybe").outcome,
        refreshToken: "refresh-token-1",
      } as TokenOutcome,
      processed: true,
    });
    const error = await unavailable(world.get());
    expect(error.reason).toBe("idp_protocol");
    expect(await world.storedRefreshToken()).toBe("refresh-token-1");
    world.time.advance(error.retryAfterSeconds * 1000);
    expect((await world.get()).accessToken).toBe("access-token-2");
  });

  test("S48: a definitive refusal of the current token asks for a sign-in and keeps the ciphertext", async () => {
    const world = await createWorld();
    world.tokenEndpoint.next({ outcome: { kind: "refused" } });
    const error = await failure(world.get());
    expect(error).toBeInstanceOf(NeedsSignInError);
    expect(error).toHaveProperty("reason", "refresh_token_refused");
    expect(await world.storedRefreshToken()).toBe("refresh-token-0");

    expect(await failure(world.get())).toHaveProperty("reason", "refresh_token_refused");
    expect(world.tokenEndpoint.presented).toHaveLength(1);
  });

  test("S49: a refusal of a token that was replaced meanwhile is not believed: the new one is used", async () => {
    const world = await createWorld();
    world.tokenEndpoint.next({ outcome: { kind: "refused" } });
    world.tokenEndpoint.during(async () => {
      await world.signIn("refresh-token-new");
    });
    world.tokenEndpoint.next();
    const error = await failure(world.get());
    // The double knows one live token only, so what matters is which one was presented second.
    expect(world.tokenEndpoint.presented).toEqual(["refresh-token-0", "refresh-token-new"]);
    expect(error).toBeInstanceOf(NeedsSignInError);
  });

  test("S51: an outage causes one attempt per cooldown, however many callers come", async () => {
    const world = await createWorld();
    world.tokenEndpoint.next(failed("idp_unavailable", "maybe"));
    await failure(world.get());
    for (let caller = 0; caller < 20; caller += 1) {
      expect(await failure(world.get())).toMatchObject({ reason: "cooling_down" });
    }
    expect(world.tokenEndpoint.presented).toHaveLength(1);
    world.time.advance(2_000);
    expect((await world.get()).accessToken).toBe("access-token-1");
  });

  test("S51: cooldowns double up to a minute, and a success ends them", async () => {
    const world = await createWorld();
    const waits: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      world.tokenEndpoint.next(failed("idp_unavailable", "maybe"));
      const error = await unavailable(world.get());
      waits.push(error.retryAfterSeconds);
      world.time.advance(error.retryAfterSeconds * 1000);
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60]);
    await world.get();
    expect((await world.grant()).cooldown).toBeUndefined();
  });

  test("S51: Retry-After of the provider is honoured where it is longer", async () => {
    const world = await createWorld();
    world.tokenEndpoint.next(failed("idp_rate_limited", "no", 30));
    expect(await failure(world.get())).toMatchObject({ retryAfterSeconds: 30 });
    world.time.advance(20_000);
    expect(await failure(world.get())).toMatchObject({ retryAfterSeconds: 10 });
    expect(world.tokenEndpoint.presented).toHaveLength(1);
  });

  test("a kept token that is good for long enough is served while the provider is down", async () => {
    const world = await createWorld({ exchangeIntervalSeconds: 0 });
    await world.get();
    world.tokenEndpoint.next(failed("idp_unavailable", "maybe"));
    await failure(world.get({ minValiditySeconds: 86_400 }));
    expect((await world.get()).accessToken).toBe("access-token-1");
  });

  test("an access token that has run out is never served, not even with min_validity 0", async () => {
    const world = await createWorld();
    await world.get();
    world.time.advance(HOUR);
    expect((await world.get({ minValiditySeconds: 0 })).accessToken).toBe("access-token-2");
  });
});

/** What callers who come at once are told: the tokens that differ, and each who is sent away. */
async function crowd(world: World, callers: number) {
  const calls = Array.from({ length: callers }, () => world.call());
  const settled = await world.time.run(Promise.allSettled(calls));
  const served = settled.flatMap((one) =>
    one.status === "fulfilled" ? [one.value.accessToken] : [],
  );
  const sentAway = settled.flatMap((one): unknown[] =>
    one.status === "rejected" ? [one.reason] : [],
  );
  return { served: [...new Set(served)], sentAway, count: served.length };
}
