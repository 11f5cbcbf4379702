import { failure } from "../../support/exchange-failures";
import { CONSUMER_TIMEOUT_MS as CONSUMER_MS, SUB } from "../../support/exchange-world";
import {
  createRecoverable,
  deadLease,
  dieAtIntent,
  dieMidExchange,
  doubtful,
  kinds,
  LEASE_MS,
} from "../../support/recoverable-world";

describe("a lapsed lease is taken over by whoever is behind what its holder may have spilled", () => {
  test("whoever dies before anybody was sent for is replaced all the same: the next caller sends", async () => {
    const world = await createRecoverable();
    await dieAtIntent(world);
    world.time.advance(LEASE_MS);
    const begunAt = world.time.now();
    expect((await world.get()).accessToken).toBe("access-token-1");
    expect(world.time.now() - begunAt).toBeLessThan(1_000);
    expect((await world.grant()).history).toMatchObject([
      {},
      { by: "recovery", outcome: "exchanged" },
      { by: "POST /me/access-token", outcome: "served" },
    ]);
  });

  test("as many as come at once send for one take-over, and one exchange serves them", async () => {
    const world = await createRecoverable();
    await dieAtIntent(world);
    world.time.advance(LEASE_MS);
    const calls = Promise.allSettled(Array.from({ length: 20 }, () => world.call()));
    const settled = await world.time.run(calls, world.handOut);
    const served = settled.filter(({ status }) => status === "fulfilled");
    expect(served.length).toBeGreaterThan(0);
    expect(served).toEqual(
      served.map(() => ({
        status: "fulfilled",
        value: expect.objectContaining({ accessToken: "access-token-1" }) as unknown,
      })),
    );
    expect((await world.get()).accessToken).toBe("access-token-1");
    expect(world.tokenEndpoint.presented).toHaveLength(1);
  });

  test("a caller sends once, however often it looks", async () => {
    const world = await createRecoverable();
    const takeOver = jest.spyOn(world.dependencies.recovery ?? world.queue.recovery, "takeOver");
    await dieAtIntent(world);
    world.time.advance(LEASE_MS);
    await expect(world.time.run(world.call())).rejects.toMatchObject({
      reason: "exchange_in_progress",
    });
    const { sub, grantId, revision } = await world.grant();
    expect(takeOver.mock.calls).toEqual([[{ sub, grantId, owner: "dead" }, revision]]);
  });

  test("a queue that takes nothing is told, and nothing is presented", async () => {
    const world = await createRecoverable();
    await dieAtIntent(world);
    world.time.advance(LEASE_MS);
    world.queue.isDown = true;
    expect(await failure(world.get())).toMatchObject({ reason: "queue_unavailable" });
    expect(world.tokenEndpoint.presented).toEqual([]);
  });

  test.each(["watch", "renew"] as const)(
    "a task of kind %s sends for it, and is done",
    async (kind) => {
      const world = await createRecoverable({ dueAt: ({ lease }) => lease?.expiresAt });
      await dieMidExchange(world);
      world.queue.items.splice(0);
      await (kind === "watch"
        ? world.queue.recovery.watch(await deadLease(world), 0)
        : world.queue.renewals.renew([{ sub: SUB, delaySeconds: 0 }]));
      world.time.advance(LEASE_MS);
      expect(await world.time.run(world.deliverNext())).toBe(true);
      expect(kinds(world)).toEqual(["take-over"]);
      expect(world.tokenEndpoint.presented).toHaveLength(1);
    },
  );

  test("one that comes for a lease which somebody else has by now does nothing", async () => {
    const world = await createRecoverable();
    await dieAtIntent(world);
    const { grantId } = await world.grant();
    await world.queue.recovery.takeOver({ sub: SUB, grantId, owner: "another" }, 1);
    world.time.advance(LEASE_MS);
    const before = await world.grant();
    expect(await world.deliver()).toBe(1);
    expect(await world.grant()).toEqual(before);
    expect(world.queue.items).toEqual([]);
  });

  test("one whose bearer took the lease and failed makes way: that lease has a message of its own", async () => {
    const world = await createRecoverable();
    await dieAtIntent(world);
    world.time.advance(LEASE_MS);
    world.tokenEndpoint.next({ outcome: doubtful(60) });
    expect(await failure(world.get())).toMatchObject({ reason: "cooling_down" });
    expect(kinds(world)).toEqual(["take-over", "watch"]);
    world.time.advance(CONSUMER_MS);
    await world.deliver();
    expect(kinds(world)).toEqual(["watch"]);
    world.time.advance(60_000);
    expect((await world.get()).accessToken).toBe("access-token-1");
  });

  test("one whose bearer died before it could send for anybody comes again, and sends for the next", async () => {
    const world = await createRecoverable();
    await dieAtIntent(world);
    await world.queue.recovery.takeOver(await deadLease(world), 1);
    const grant = await world.active();
    const lease = { owner: "bearer", expiresAt: world.time.now() + 2_000, takenOver: true };
    await world.store.write({ ...grant, lease }, grant.revision);
    expect(await world.time.run(world.deliverNext())).toBe(true);
    expect(world.queue.items.map(({ task }) => task)).toMatchObject([
      { kind: "take-over", owner: "bearer" },
    ]);
    await world.deliver();
    expect(await world.storedRefreshToken()).toBe("refresh-token-1");
  });
});
