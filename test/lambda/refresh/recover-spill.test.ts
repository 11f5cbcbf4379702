import { createRecover } from "../../../lambda/refresh/recover";
import { failure } from "../../support/exchange-failures";
import { CONSUMER_TIMEOUT_MS as CONSUMER_MS } from "../../support/exchange-world";
import type { QueuedTask } from "../../support/in-memory-queue";
import {
  createRecoverable,
  dieMidExchange,
  doubtful,
  foreign,
  kinds,
  LEASE_MS,
  refused,
} from "../../support/recoverable-world";
import { put } from "../../support/taken";

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

  test("is revoked and dropped where its row is gone, and makes none", async () => {
    const world = await createRecoverable({ isRevocable: true });
    const issuance = { read: () => Promise.resolve({ grant: undefined, isFrozen: false }) };
    const recover = createRecover({ ...world.dependencies, issuance, dueAt: undefined });
    const { sub, grantId, refreshToken } = await world.active();
    const before = await world.grant();
    const task = { kind: "spill", sub, grantId, owner: "dead", refreshToken } as const;
    const deadline = world.time.now() + CONSUMER_MS;
    const { log } = world.dependencies;
    const outcome = recover({ task, receiveCount: 1, deadline, log });
    expect(await world.time.run(outcome)).toBe("done");
    expect(world.tokenEndpoint.revoked).toEqual(["refresh-token-0"]);
    expect(await world.grant()).toEqual(before);
  });

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
