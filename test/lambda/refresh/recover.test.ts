import { UnavailableError } from "../../../lambda/errors";
import type { ActiveGrant } from "../../../lambda/grant/grant";
import { createDueAt } from "../../../lambda/grant/phase";
import { refuse } from "../../../lambda/grant/transitions";
import type { TokenOutcome } from "../../../lambda/ports/provider";
import type { GrantStore } from "../../../lambda/ports/stores";
import {
  asActive,
  CONSUMER_TIMEOUT_MS as CONSUMER_MS,
  createWorld,
  SUB,
  type World,
  type WorldOptions,
} from "../../support/exchange-world";
import type { QueuedTask } from "../../support/in-memory-queue";
import { put } from "../../support/taken";

const LEASE_MS = 17_000;

/** A world whose store a test can switch off, and whose queue somebody empties. */
async function createRecoverable(options: WorldOptions = {}) {
  const state = { isStoreDown: false };
  const guard =
    <A extends unknown[], R>(act: (...all: A) => Promise<R>) =>
    (...all: A): Promise<R> =>
      state.isStoreDown ? Promise.reject(new UnavailableError("store_unavailable")) : act(...all);
  const world = await createWorld({
    rotation: "strict",
    wrapStore: (store): GrantStore => ({ read: guard(store.read), write: guard(store.write) }),
    ...options,
  });
  return {
    ...world,
    store: world.store,
    /** The store is gone from the moment at which the provider has the request. */
    loseStoreMidExchange: () => {
      world.tokenEndpoint.during(() => {
        state.isStoreDown = true;
      });
    },
    setStoreDown: (isDown: boolean) => {
      state.isStoreDown = isDown;
    },
    deliverNext: () => world.queue.deliver(world.consume),
    /** Everything that may be seen by now, each item once. */
    deliver: async () => {
      let count = 0;
      while (await world.time.run(world.queue.deliver(world.consume))) {
        count += 1;
      }
      return count;
    },
  };
}

type Recoverable = Awaited<ReturnType<typeof createRecoverable>>;

async function failure(work: Promise<unknown>): Promise<Error> {
  return await work.then(
    () => {
      throw new Error("expected a failure");
    },
    (error: unknown) => error as Error,
  );
}

/**
 * A holder whose process ends when the provider has processed its request. Its watchdog was sent
 * before.
 */
async function dieMidExchange(world: World | Recoverable): Promise<void> {
  await dieAtIntent(world);
  await world.queue.recovery.watch(await deadLease(world), LEASE_MS / 1000);
  await world.time.run(world.tokenEndpoint.refresh("refresh-token-0", "secret", SUB));
}

/** The same before its watchdog was sent: nobody knows of it. */
async function dieAtIntent(world: World | Recoverable): Promise<void> {
  const grant = await world.active();
  const lease = { owner: "dead", expiresAt: world.time.now() + LEASE_MS, takenOver: false };
  await world.store.write({ ...grant, lease }, grant.revision);
}

async function deadLease(world: World | Recoverable) {
  const { sub, grantId } = await world.grant();
  return { sub, grantId, owner: "dead" };
}

const refused = (grant: ActiveGrant) => refuse(grant, "in_doubt", { at: grant.since, by: "test" });

const kinds = (world: Recoverable) => world.queue.items.map(({ task }) => task.kind);

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

describe("S45 S47: a successor that the store does not take", () => {
  test("is spilled before the deadline, and being durable it is answered with the access token", async () => {
    const world = await createRecoverable();
    const begunAt = world.time.now();
    world.loseStoreMidExchange();
    expect((await world.get()).accessToken).toBe("access-token-1");
    expect(world.time.now() - begunAt).toBeLessThan(15_000 - 1_000);
    expect(kinds(world)).toEqual(["watch", "spill"]);
    expect(JSON.stringify(world.queue.items)).not.toContain("refresh-token-1");
  });

  test.each([
    ["the queue is back first", "queue", ["watch", "spill"]],
    ["the store is back first", "store", ["watch"]],
  ] as const)(
    "nor the queue is offered to both in turn until the deadline: %s",
    async (_, first, tasks) => {
      const world = await createRecoverable();
      world.tokenEndpoint.during(() => {
        world.setStoreDown(true);
        world.queue.isDown = true;
      });
      const back = world.time.sleep(14_000).then(() => {
        world.setStoreDown(first !== "store");
        world.queue.isDown = first !== "queue";
      });
      const [token] = await world.time.run(Promise.all([world.call(), back]));
      expect(token.accessToken).toBe("access-token-1");
      expect(kinds(world)).toEqual(tasks);
      world.setStoreDown(false);
      await world.deliver();
      expect(await world.storedRefreshToken()).toBe("refresh-token-1");
    },
  );

  test("nor the queue until the end is told of as the store's failure, with time left to answer", async () => {
    const world = await createRecoverable();
    const begunAt = world.time.now();
    world.tokenEndpoint.during(() => {
      world.setStoreDown(true);
      world.queue.isDown = true;
    });
    expect(await failure(world.get())).toMatchObject({ reason: "store_unavailable" });
    expect(world.time.now() - begunAt).toBeGreaterThan(14_000);
    expect(world.time.now() - begunAt).toBeLessThan(15_000);
  });

  test("is written as its holder would have, as soon as the store takes it", async () => {
    const world = await createRecoverable();
    world.loseStoreMidExchange();
    await world.get();
    const delivering = world.time.run(world.deliverNext());
    world.setStoreDown(false);
    await delivering;
    expect(await world.grant()).toMatchObject({ status: "active", lease: undefined });
    expect(await world.storedRefreshToken()).toBe("refresh-token-1");
    expect((await world.get({ minValiditySeconds: 0 })).accessToken).toBe("access-token-2");
    expect(world.tokenEndpoint.presented).toEqual(["refresh-token-0", "refresh-token-1"]);
  });

  test("stays in the queue as long as the store is gone", async () => {
    const world = await createRecoverable();
    world.loseStoreMidExchange();
    await world.get();
    for (let round = 0; round < 20; round += 1) {
      await world.deliver();
      world.time.advance(CONSUMER_MS);
    }
    expect(kinds(world)).toContain("spill");
    world.setStoreDown(false);
    await world.deliver();
    expect(kinds(world)).not.toContain("spill");
    expect(world.tokenEndpoint.isLive((await world.storedRefreshToken()) ?? "")).toBe(true);
  });

  test.each(["grace", "strict"] as const)(
    "whoever comes is told to wait as long as it is in the queue, and presents nothing (rotation %s)",
    async (rotation) => {
      const world = await createRecoverable({ rotation });
      world.loseStoreMidExchange();
      await world.get();
      world.time.advance(CONSUMER_MS);
      world.setStoreDown(false);
      expect(await failure(world.get())).toMatchObject({ reason: "exchange_in_progress" });
      expect(kinds(world)).toEqual(["watch", "spill", "take-over"]);
      await world.deliver();
      expect((await world.get()).accessToken).toBe("access-token-2");
      expect(world.tokenEndpoint.presented).toEqual(["refresh-token-0", "refresh-token-1"]);
    },
  );

  test.each(["grace", "strict"] as const)(
    "whose consumer the store fails as well is never too late: the take-over stands behind it (rotation %s)",
    async (rotation) => {
      const world = await createRecoverable({ rotation });
      world.loseStoreMidExchange();
      await world.get();
      world.time.advance(CONSUMER_MS);
      expect(await world.deliver()).toBeGreaterThan(0);
      world.setStoreDown(false);
      world.queue.reverse();
      expect(await failure(world.get())).toMatchObject({ reason: "exchange_in_progress" });
      world.time.advance(CONSUMER_MS);
      await world.deliver();
      expect(world.queue.items).toEqual([]);
      expect(await world.storedRefreshToken()).toBe("refresh-token-1");
      expect(world.tokenEndpoint.presented).toEqual(["refresh-token-0"]);
      expect((await world.get()).accessToken).toBe("access-token-2");
    },
  );

  test("keeps nobody waiting where there is none", async () => {
    const world = await createRecoverable({ rotation: "grace" });
    await dieMidExchange(world);
    world.time.advance(LEASE_MS);
    const begunAt = world.time.now();
    await world.get();
    expect(world.time.now() - begunAt).toBeLessThan(500);
  });

  test("that comes after its predecessor was refused revives the grant", async () => {
    const world = await createRecoverable({ rotation: "grace" });
    world.loseStoreMidExchange();
    await world.get();
    world.setStoreDown(false);
    await put(world, refused);
    await world.deliver();
    expect(await world.grant()).toMatchObject({ status: "active" });
    expect((await world.get()).accessToken).toBe("access-token-2");
    expect(world.tokenEndpoint.presented.at(-1)).toBe("refresh-token-1");
  });

  test("of a dead family revives the grant for one try only, which marks it again", async () => {
    const world = await createRecoverable();
    world.loseStoreMidExchange();
    await world.get();
    world.setStoreDown(false);
    await put(world, refused);
    await world.deliver();
    world.tokenEndpoint.next({ outcome: { kind: "refused" } });
    expect(await failure(world.get())).toMatchObject({ reason: "in_doubt" });
    await world.deliver();
    expect((await world.grant()).status).toBe("needs_sign_in");
  });

  test("of another holder than the one of now waits in the inbox", async () => {
    const world = await createRecoverable({ rotation: "grace", isRevocable: true });
    world.loseStoreMidExchange();
    await world.get();
    world.setStoreDown(false);
    const grant = await world.active();
    const lease = { owner: "next", expiresAt: world.time.now() + LEASE_MS, takenOver: true };
    await world.store.write({ ...grant, lease }, grant.revision);
    await world.deliver();
    expect(await world.grant()).toMatchObject({ lease, inbox: [{}] });
    expect(world.tokenEndpoint.revoked).toEqual([]);
  });

  test("that comes twice, or late, or in another order changes nothing any more", async () => {
    const world = await createRecoverable();
    world.loseStoreMidExchange();
    await world.get();
    world.setStoreDown(false);
    world.queue.duplicate("spill");
    const [late] = world.queue.items.filter(({ task }) => task.kind === "spill").slice(-1);
    world.queue.items.pop();
    world.queue.reverse();
    await world.deliver();
    await world.get({ minValiditySeconds: 0 });
    const before = await world.grant();
    world.queue.items.push(late as QueuedTask);
    world.queue.reverse();
    await world.deliver();
    expect(await world.grant()).toEqual(before);
  });

  test.each(["signed in again", "disconnected"])(
    "of somebody who has %s since is revoked where that can be done, and dropped",
    async (what) => {
      const world = await createRecoverable({ isRevocable: true });
      world.loseStoreMidExchange();
      await world.get();
      world.setStoreDown(false);
      await (what === "disconnected"
        ? world.time.run(world.disconnect())
        : world.signIn("refresh-token-9"));
      const before = await world.grant();
      await world.deliver();
      expect(await world.grant()).toEqual(before);
      expect(world.tokenEndpoint.revoked).toContain("refresh-token-1");
    },
  );

  test("S29: in a foreign answer is not spilled: nothing of it may get where it could be used", async () => {
    const world = await createRecoverable();
    world.loseStoreMidExchange();
    world.tokenEndpoint.next({ outcome: foreign(world) });
    expect(await failure(world.get())).toMatchObject({ reason: "store_unavailable" });
    expect(kinds(world)).toEqual(["watch"]);
  });

  test("S47: in an answer of no other use is spilled, and the caller told of the failure", async () => {
    const world = await createRecoverable();
    world.loseStoreMidExchange();
    world.tokenEndpoint.next({
      outcome: { ...doubtful(undefined), cause: "idp_protocol", refreshToken: "refresh-token-7" },
    });
    expect(await failure(world.get())).toMatchObject({ reason: "store_unavailable" });
    expect(kinds(world)).toEqual(["watch", "spill"]);
    world.setStoreDown(false);
    await world.deliver();
    expect(await world.storedRefreshToken()).toBe("refresh-token-7");
  });
});

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

describe("after the table came back from a backup", () => {
  test("a rotating grant that was last exchanged before is tried once, and a refusal marks it as in doubt", async () => {
    const world = await createRecoverable();
    world.time.advance(1_000);
    world.state.restoredAt = world.time.now();
    world.tokenEndpoint.next({ outcome: { kind: "refused" } });
    expect(await failure(world.get())).toMatchObject({ reason: "in_doubt" });
    expect(world.tokenEndpoint.presented).toHaveLength(1);
  });

  test("a grant that was exchanged since is refused like any other", async () => {
    const world = await createRecoverable();
    world.state.restoredAt = world.time.now();
    world.time.advance(1_000);
    await world.get();
    world.time.advance(60_000);
    world.tokenEndpoint.next({ outcome: { kind: "refused" } });
    const refused = await failure(world.get({ minValiditySeconds: 3_700 }));
    expect(refused).toMatchObject({ reason: "refresh_token_refused" });
  });

  test("an access token from the backup is still served", async () => {
    const world = await createRecoverable();
    await world.get();
    world.time.advance(1_000);
    world.state.restoredAt = world.time.now();
    expect((await world.get()).accessToken).toBe("access-token-1");
  });

  test("a provider that does not rotate is not in doubt", async () => {
    const world = await createRecoverable({ rotation: "none" });
    world.time.advance(1_000);
    world.state.restoredAt = world.time.now();
    world.tokenEndpoint.next({ outcome: { kind: "refused" } });
    expect(await failure(world.get())).toMatchObject({ reason: "refresh_token_refused" });
  });
});

describe("keep-alive", () => {
  const IDLE_SECONDS = 30 * 86_400;
  const dueAt = createDueAt({
    refreshToken: { format: "opaque", rotation: "none", idleSeconds: IDLE_SECONDS },
  });

  async function createIdle() {
    return await createRecoverable({ rotation: "none", ...(dueAt && { dueAt }) });
  }

  test("renews a grant that nobody used for half of the time that its provider allows", async () => {
    const world = await createIdle();
    world.time.advance((IDLE_SECONDS * 1000) / 2);
    await world.queue.renewals.renew([{ sub: SUB, delaySeconds: 3 }]);
    expect(await world.deliver()).toBe(0);
    world.time.advance(3_000);
    expect(await world.deliver()).toBe(1);
    expect(world.tokenEndpoint.presented).toHaveLength(1);
    expect(dueAt?.(await world.grant())).toBe(
      ((await world.grant()).lastExchangeAt ?? 0) + (IDLE_SECONDS * 1000) / 2,
    );
  });

  test("asks nobody where somebody was there first, however often the message comes", async () => {
    const world = await createIdle();
    world.time.advance((IDLE_SECONDS * 1000) / 2);
    await world.get();
    await world.queue.renewals.renew([{ sub: SUB, delaySeconds: 0 }]);
    world.queue.duplicate("renew");
    expect(await world.deliver()).toBe(2);
    expect(world.tokenEndpoint.presented).toHaveLength(1);
  });

  test("that fails is not tried again by the queue: it stays due, after its cooldown", async () => {
    const world = await createIdle();
    world.time.advance((IDLE_SECONDS * 1000) / 2);
    world.tokenEndpoint.next({ outcome: doubtful(90) });
    await world.queue.renewals.renew([{ sub: SUB, delaySeconds: 0 }]);
    await world.deliver();
    expect(world.queue.items).toEqual([]);
    const grant = await world.grant();
    expect(dueAt?.(grant)).toBe(grant.cooldown?.until);
  });

  test("nothing is due with a provider that neither rotates nor lets tokens lapse", () => {
    const refreshToken = { format: "jwt", rotation: "none" } as const;
    expect(createDueAt({ refreshToken })).toBeUndefined();
  });

  test("with a rotating provider a lease is due when it ends, and nothing else is", async () => {
    const rotating = createDueAt({ refreshToken: { format: "opaque", rotation: "strict" } });
    const world = await createRecoverable();
    expect(rotating?.(await world.grant())).toBeUndefined();
    await dieMidExchange(world);
    const grant = await world.grant();
    expect(rotating?.(grant)).toBe(grant.lease?.expiresAt);
    expect(rotating?.(refused(asActive(grant)))).toBeUndefined();
  });
});

function doubtful(retryAfterSeconds: number | undefined): TokenOutcome & { kind: "failed" } {
  return { kind: "failed", cause: "idp_in_doubt", processed: "maybe", retryAfterSeconds };
}

function foreign({ time }: Pick<World, "time">): TokenOutcome {
  const accessToken = {
    ...({ accessToken: "foreign", tokenType: "Bearer", scope: undefined } as const),
    expiresAt: time.now() + 3_600_000,
  };
  return {
    kind: "tokens",
    accessToken,
    refreshToken: "foreign-refresh-token",
    foreign: true,
    sub: undefined,
  } as const;
}
