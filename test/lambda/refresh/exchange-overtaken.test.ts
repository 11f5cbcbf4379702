import { postedSecret } from "../../support/client-credentials";
import { failed, failure, unavailable } from "../../support/exchange-failures";
import { createWorld, SUB, type World } from "../../support/exchange-world";

describe("whoever comes later wins", () => {
  test("S30: a disconnect during the exchange: nothing comes back, and the caller is told to sign in", async () => {
    const world = await createWorld({ rotation: "strict" });
    world.tokenEndpoint.during(() => world.disconnect());
    expect(await failure(world.get())).toMatchObject({ reason: "disconnected" });
    const grant = await world.grant();
    expect(grant.status).toBe("disconnected");
    expect([grant.refreshToken, grant.accessToken, grant.inbox]).toEqual([
      undefined,
      undefined,
      [],
    ]);
    expect(world.tokenEndpoint.revoked).toEqual(["refresh-token-0"]);
  });

  test("a sign-in during the exchange keeps the token that it brought", async () => {
    const world = await createWorld({ rotation: "strict" });
    world.tokenEndpoint.during(async () => {
      await world.signIn("refresh-token-from-sign-in");
    });
    await failure(world.get());
    expect(await world.storedRefreshToken()).toBe("refresh-token-from-sign-in");
  });

  test("signing in again heals a refused grant and ends its cooldown", async () => {
    const world = await createWorld();
    world.tokenEndpoint.next({ outcome: { kind: "refused" } });
    await failure(world.get());
    await world.signIn("refresh-token-0");
    expect((await world.get()).accessToken).toBe("access-token-1");
  });
});

describe("a holder that died", () => {
  test.each(["none", "grace"] as const)(
    "after its lease the next caller succeeds, although the provider had processed its request (rotation %s)",
    async (rotation) => {
      const world = await createWorld({ rotation });
      await dieMidExchange(world);
      expect(await failure(world.get())).toMatchObject({ reason: "exchange_in_progress" });
      world.time.advance(17_000);
      expect((await world.get()).accessToken).toBe("access-token-2");
      expect(world.tokenEndpoint.isLive((await world.storedRefreshToken()) ?? "")).toBe(true);
    },
  );

  test("a lease is over at its very end: whoever comes then does not wait", async () => {
    const durations: number[] = [];
    for (const lease of [undefined, { owner: "dead", takenOver: false }]) {
      const world = await createWorld();
      const begunAt = world.time.now();
      const grant = await world.active();
      const next = { ...grant, ...(lease && { lease: { ...lease, expiresAt: begunAt } }) };
      await world.store.write(next, grant.revision);
      await world.get();
      durations.push(world.time.now() - begunAt);
    }
    expect(durations[1]).toBe(durations[0]);
  });

  test("with strict rotation the loss is marked as in doubt, not as a refusal", async () => {
    const world = await createWorld({ rotation: "strict" });
    await dieMidExchange(world);
    world.time.advance(17_000);
    expect(await failure(world.get())).toMatchObject({ reason: "in_doubt" });
    expect((await world.grant()).history.at(-1)).toMatchObject({ outcome: "in_doubt" });
  });

  test.each(["grace", "strict"] as const)(
    "a time-out keeps the lease with rotation %s, so that nobody presents the token while the request may still travel",
    async (rotation) => {
      const world = await createWorld({ rotation });
      world.tokenEndpoint.next(failed("idp_in_doubt", "maybe"));
      const error = await unavailable(world.get());
      expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(16);
      world.time.advance(error.retryAfterSeconds * 1000);
      expect((await world.get()).accessToken).toBe("access-token-1");
    },
  );

  test("a holder that outlives its lease leaves what it got in the inbox, where the next refusal finds it", async () => {
    const world = await createWorld({ rotation: "strict" });
    // The platform's promise broken on purpose: the holder lives on while its lease has run out.
    world.tokenEndpoint.during(async () => {
      world.time.advance(18_000);
      await Promise.resolve();
    });
    const late = world.call();
    const early = world.time.run(late.catch((error: unknown) => error));
    await early;
    const next = await world.get({ minValiditySeconds: 86_400 }).catch((error: unknown) => error);
    expect(next).not.toBeInstanceOf(Error);
    expect(world.tokenEndpoint.isLive((await world.storedRefreshToken()) ?? "")).toBe(true);
  });
});

/**
 * Takes the lease and lets the provider process the request, as a process does that is killed
 * before the answer.
 */
async function dieMidExchange(world: World): Promise<void> {
  const grant = await world.active();
  const lease = { owner: "dead", expiresAt: world.time.now() + 17_000, takenOver: false };
  await world.store.write({ ...grant, lease }, grant.revision);
  await world.time.run(world.tokenEndpoint.refresh("refresh-token-0", postedSecret("secret"), SUB));
}
