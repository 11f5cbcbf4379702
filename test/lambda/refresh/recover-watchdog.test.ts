import { failure } from "../../support/exchange-failures";
import { CONSUMER_TIMEOUT_MS as CONSUMER_MS } from "../../support/exchange-world";
import {
  createRecoverable,
  dieMidExchange,
  doubtful,
  foreign,
  LEASE_MS,
} from "../../support/recoverable-world";

describe("step 4, the watchdog", () => {
  test.each(["grace", "strict"] as const)(
    "is sent after the intent and before the request, for the end of the lease (rotation %s)",
    async (rotation) => {
      const world = await createRecoverable({ rotation });
      const begunAt = world.time.now();
      world.tokenEndpoint.during(async () => {
        const [item] = world.queue.items;
        const { lease } = await world.grant();
        expect(item?.task).toMatchObject({ kind: "watch", owner: lease?.owner });
        expect(item?.visibleAt).toBe(begunAt + LEASE_MS);
      });
      await world.get();
      expect(world.tokenEndpoint.presented).toHaveLength(1);
    },
  );

  test("that cannot be sent means that nothing is spent, and the next caller may go at once", async () => {
    const world = await createRecoverable();
    world.queue.isDown = true;
    expect(await failure(world.get())).toMatchObject({ reason: "queue_unavailable" });
    expect(world.tokenEndpoint.presented).toEqual([]);
    expect((await world.grant()).lease).toBeUndefined();
    world.queue.isDown = false;
    expect((await world.get()).accessToken).toBe("access-token-1");
  });

  test("that cannot be sent after a take-over leaves the doubt about the holder before", async () => {
    const world = await createRecoverable();
    await dieMidExchange(world);
    world.time.advance(LEASE_MS);
    world.queue.isDown = true;
    expect(await failure(world.get())).toMatchObject({ reason: "queue_unavailable" });
    expect((await world.grant()).lease).toMatchObject({ owner: "dead" });
    world.queue.isDown = false;
    expect(await failure(world.get())).toMatchObject({ reason: "in_doubt" });
  });

  test("is not sent for a provider that does not rotate", async () => {
    const world = await createRecoverable({ rotation: "none" });
    await world.get();
    expect(world.queue.items).toEqual([]);
  });

  test("finds nothing to do where its holder has reported back", async () => {
    const world = await createRecoverable();
    await world.get();
    world.time.advance(LEASE_MS);
    const { revision } = await world.grant();
    expect(await world.deliver()).toBe(1);
    expect(world.queue.items).toEqual([]);
    expect((await world.grant()).revision).toBe(revision);
  });

  test("heals a grant whose holder died, with nobody asking for it (grace)", async () => {
    const world = await createRecoverable({ rotation: "grace" });
    await dieMidExchange(world);
    world.time.advance(LEASE_MS);
    expect(await world.deliver()).toBe(2);
    expect(await world.storedRefreshToken()).toBe("refresh-token-1");
    expect((await world.grant()).history.at(-1)).toMatchObject({
      by: "recovery",
      outcome: "exchanged",
    });
  });

  test("marks a strict grant whose successor died with its holder as in doubt", async () => {
    const world = await createRecoverable();
    await dieMidExchange(world);
    world.time.advance(LEASE_MS);
    await world.deliver();
    expect(await world.grant()).toMatchObject({ status: "needs_sign_in", reason: "in_doubt" });
  });

  test("waits out a lease that by its own clock is not over yet", async () => {
    const world = await createRecoverable({ rotation: "grace" });
    await dieMidExchange(world);
    for (const item of world.queue.items) {
      item.visibleAt -= 2_000;
    }
    world.time.advance(LEASE_MS - 2_000);
    expect(await world.deliver()).toBe(2);
    expect(await world.storedRefreshToken()).toBe("refresh-token-1");
  });

  test("comes again for a request in doubt when its cooldown is over, and leaves it to the sweeper after five minutes", async () => {
    const world = await createRecoverable({ rotation: "grace" });
    world.tokenEndpoint.next({ outcome: doubtful(60) });
    await failure(world.get());
    world.time.advance(LEASE_MS);
    await world.deliver();
    expect(world.queue.items).toMatchObject([{ receiveCount: 1 }]);
    for (const item of world.queue.items) {
      item.receiveCount = 20;
    }
    world.time.advance(CONSUMER_MS);
    await world.deliver();
    expect(world.queue.items).toEqual([]);
    expect(world.lines).toContainEqual(expect.objectContaining({ event: "left_to_the_sweeper" }));
  });

  test("heals a frozen grant, too, and hands nothing out", async () => {
    const world = await createRecoverable({ rotation: "grace" });
    await dieMidExchange(world);
    const grant = await world.grant();
    await world.store.write({ ...grant, frozenAt: world.time.now() }, grant.revision);
    world.time.advance(LEASE_MS);
    await world.deliver();
    expect(world.queue.items.map(({ task }) => task)).not.toContainEqual(
      expect.objectContaining({ owner: "dead" }),
    );
    expect(await world.storedRefreshToken()).toBe("refresh-token-1");
    expect(await failure(world.get())).toMatchObject({ reason: "frozen" });
  });

  test("S29: a foreign answer to it is quarantined as any other", async () => {
    const world = await createRecoverable({ rotation: "grace" });
    await dieMidExchange(world);
    world.tokenEndpoint.next({ outcome: foreign(world) });
    world.time.advance(LEASE_MS);
    await world.deliver();
    expect(await world.grant()).toMatchObject({
      status: "needs_sign_in",
      reason: "foreign_subject",
    });
  });

  test.each(["the user has signed in again", "the user has disconnected"])(
    "of an older grant is harmless: %s",
    async (what) => {
      const world = await createRecoverable();
      await dieMidExchange(world);
      if (what.includes("signed")) {
        await world.signIn("refresh-token-9");
      } else {
        await world.time.run(world.disconnect());
      }
      const { revision } = await world.grant();
      world.time.advance(LEASE_MS);
      await world.deliver();
      expect((await world.grant()).revision).toBe(revision);
      expect(world.tokenEndpoint.presented).toHaveLength(1);
    },
  );
});
