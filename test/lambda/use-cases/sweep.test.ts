import { UnavailableError } from "../../../lambda/errors";
import { beginDisconnect } from "../../../lambda/grant/transitions";
import type { UserEraser } from "../../../lambda/ports/stores";
import type { SubjectList, SweepList, SweepPositions } from "../../../lambda/ports/sweep";
import {
  createSweep,
  createSweepPlan,
  MAX_ITEMS,
  MIN_AGE_MS,
} from "../../../lambda/use-cases/sweep";
import { createAccountWorld } from "../../support/account-world";
import { SUB } from "../../support/exchange-world";

const SWEEP_MS = 60_000;

type Listed = Readonly<{ sub: string; at: number }>;

/** What an index promises: by its sort key, page by page. */
function listOf(items: Listed[]): SubjectList {
  return {
    page: ({ before, limit, after }) => {
      const from = after === undefined ? -Infinity : Number(after);
      const found = items
        .filter(({ at }) => at < before && at > from)
        .sort((a, b) => a.at - b.at)
        .slice(0, limit);
      const last = found.length < limit ? undefined : found.at(-1)?.at;
      return Promise.resolve({ subs: found.map(({ sub }) => sub), next: last?.toString() });
    },
  };
}

async function createSweeper() {
  const world = await createAccountWorld({ isRevocable: true });
  const lists: Record<SweepList, Listed[]> = { erasing: [], disconnecting: [], due: [] };
  const kept = new Map<SweepList, string>();
  const positions: SweepPositions = {
    read: () => Promise.resolve(Object.fromEntries(kept)),
    write: (list, position) => {
      kept.delete(list);
      if (position !== undefined) {
        kept.set(list, position);
      }
      return Promise.resolve();
    },
  };
  const poison = new Set<string>();
  const killers = new Set<string>();
  const death: { tell: (sub: string) => void } = { tell: () => undefined };
  const users: Pick<UserEraser, "find" | "finish"> = {
    find: async (sub) => {
      if (killers.has(sub)) {
        death.tell(sub);
        return await new Promise(() => undefined);
      }
      return poison.has(sub)
        ? await Promise.reject(new UnavailableError("unknown_schema_version"))
        : await world.userItems.find(sub);
    },
    finish: (...all) => world.userItems.finish(...all),
  };
  const sources = {
    erasing: listOf(lists.erasing),
    disconnecting: listOf(lists.disconnecting),
    due: listOf(lists.due),
  };
  const dependencies = {
    ...world.dependencies,
    users,
    sessions: world.sessionItems,
    positions,
    lists: sources,
    renewals: world.queue.renewals,
  };
  const sweep = createSweep(dependencies);
  return {
    ...world,
    lists,
    sources,
    poison,
    kept,
    killers,
    positions,
    /** Whose turn it was when the process ended: nobody hears of that run again. */
    dieOfSweep: async () => {
      const died = new Promise<string>((resolve) => {
        death.tell = resolve;
      });
      const { log } = world.dependencies;
      void sweep({ by: "sweep", deadline: world.time.now() + SWEEP_MS, log });
      return await died;
    },
    plan: createSweepPlan(dependencies),
    sweep: () =>
      world.time.run(
        sweep({
          by: "sweep",
          deadline: world.time.now() + SWEEP_MS,
          log: world.dependencies.log,
        }),
      ),
  };
}

/** An erasure whose process ended right after its first step. */
async function beginErasure({ userItems, idToken, putUser, time, lists }: Sweeper) {
  await putUser(idToken());
  const seen = await userItems.find(SUB);
  const erasure = { at: time.now(), tokenHashes: [] };
  await userItems.begin(SUB, seen, erasure);
  lists.erasing.push({ sub: SUB, at: erasure.at });
}

type Sweeper = Awaited<ReturnType<typeof createSweeper>>;

const NOTHING = { done: 0, failed: 0 };

test("finishes an erasure that broke off, with the token revoked and the ciphertext gone", async () => {
  const world = await createSweeper();
  await beginErasure(world);
  world.time.advance(MIN_AGE_MS + 1);
  expect(await world.sweep()).toEqual({
    erasing: { done: 1, failed: 0 },
    disconnecting: NOTHING,
    due: NOTHING,
  });
  expect(await world.userItems.find(SUB)).toMatchObject({ revocation: "revoked" });
  expect(await world.grant()).toMatchObject({ status: "disconnected", reason: "erased" });
  expect(await world.storedRefreshToken()).toBeUndefined();
});

test("leaves alone what may still be under way", async () => {
  const world = await createSweeper();
  await beginErasure(world);
  world.time.advance(MIN_AGE_MS - 1);
  expect((await world.sweep()).erasing).toEqual(NOTHING);
  expect((await world.userItems.find(SUB)).revocation).toBeUndefined();
});

test("finishes a disconnect that broke off", async () => {
  const world = await createSweeper();
  const grant = await world.grant();
  const begun = beginDisconnect(grant, world.time.now());
  await world.store.write(begun, grant.revision);
  world.lists.disconnecting.push({ sub: SUB, at: world.time.now() });
  world.time.advance(MIN_AGE_MS + 1);
  expect((await world.sweep()).disconnecting).toEqual({ done: 1, failed: 0 });
  expect(await world.grant()).toMatchObject({ status: "disconnected" });
  expect(world.tokenEndpoint.revoked).toEqual(["refresh-token-0"]);
});

test("does not disconnect somebody who has signed in since the index was written", async () => {
  const world = await createSweeper();
  world.lists.disconnecting.push({ sub: SUB, at: world.time.now() });
  world.time.advance(MIN_AGE_MS + 1);
  const before = await world.grant();
  await world.sweep();
  expect(await world.grant()).toEqual(before);
  expect(world.tokenEndpoint.revoked).toEqual([]);
});

test("running twice changes nothing more", async () => {
  const world = await createSweeper();
  await beginErasure(world);
  world.time.advance(MIN_AGE_MS + 1);
  await world.sweep();
  const before = await world.grant();
  await world.sweep();
  expect(await world.grant()).toEqual(before);
  expect(world.tokenEndpoint.revoked).toHaveLength(1);
});

test("two at once do what one does: each erasure ends once, and nothing fails", async () => {
  const world = await createSweeper();
  await beginErasure(world);
  world.time.advance(MIN_AGE_MS + 1);
  const [{ erasing: one }, { erasing: other }] = await Promise.all([world.sweep(), world.sweep()]);
  expect([one.failed, other.failed]).toEqual([0, 0]);
  expect(await world.userItems.find(SUB)).toMatchObject({ revocation: "revoked" });
});

test("what cannot be done is counted, and does not keep the rest from being done", async () => {
  const world = await createSweeper();
  for (let at = 0; at < 30; at += 1) {
    world.poison.add(`poison-${String(at)}`);
    world.lists.erasing.push({ sub: `poison-${String(at)}`, at });
  }
  await beginErasure(world);
  world.time.advance(MIN_AGE_MS + 1);
  expect((await world.sweep()).erasing).toEqual({ done: 1, failed: 30 });
  expect(await world.userItems.find(SUB)).toMatchObject({ revocation: "revoked" });
});

test("more poison than one run takes: the next run goes on behind it, and the one after begins again", async () => {
  const world = await createSweeper();
  for (let at = 0; at < MAX_ITEMS.erasing; at += 1) {
    world.poison.add(`poison-${String(at)}`);
    world.lists.erasing.push({ sub: `poison-${String(at)}`, at });
  }
  await beginErasure(world);
  world.time.advance(MIN_AGE_MS + 1);
  expect((await world.sweep()).erasing).toEqual({ done: 0, failed: MAX_ITEMS.erasing });
  expect((await world.sweep()).erasing).toEqual({ done: 1, failed: 0 });
  expect(world.kept.has("erasing")).toBe(false);
});

test("ends in good time, and goes on where it stopped", async () => {
  const world = await createSweeper();
  for (let at = 0; at < 100; at += 1) {
    world.lists.erasing.push({ sub: `nobody-${String(at)}`, at });
  }
  const find = world.userItems.find.bind(world.userItems);
  world.userItems.find = async (sub) => {
    world.time.advance(1_000);
    return await find(sub);
  };
  world.time.advance(MIN_AGE_MS);
  const first = await world.sweep();
  expect(first.erasing.done).toBeGreaterThan(40);
  expect(first.erasing.done).toBeLessThan(70);
  const second = await world.sweep();
  expect(first.erasing.done + second.erasing.done).toBe(100);
});

test("hands on what is due, paced, bounded, and exchanges nothing itself", async () => {
  const world = await createSweeper();
  for (let at = 0; at < MAX_ITEMS.due + 5; at += 1) {
    world.lists.due.push({ sub: `user-${String(at)}`, at });
  }
  const begunAt = world.time.now();
  expect((await world.sweep()).due).toEqual({ done: MAX_ITEMS.due, failed: 0 });
  const delays = world.queue.items.map(({ visibleAt }) => visibleAt - begunAt);
  expect(Math.max(...delays)).toBeLessThan(300_000);
  expect(delays.filter((delay) => delay < 10_000).length).toBeLessThanOrEqual(60);
  expect(world.tokenEndpoint.presented).toEqual([]);
  expect((await world.sweep()).due).toEqual({ done: 5, failed: 0 });
});

test("a queue that takes nothing is told, and loses nobody", async () => {
  const world = await createSweeper();
  world.lists.due.push({ sub: SUB, at: 0 });
  world.queue.isDown = true;
  expect((await world.sweep()).due.failed).toBeGreaterThan(0);
  world.queue.isDown = false;
  expect((await world.sweep()).due).toEqual({ done: 1, failed: 0 });
});

describe("no list, and nobody on it, keeps the others from being done:", () => {
  const SESSIONS = 3_000;

  /**
   * Erasures that broke off, of users who have thousands of sessions; each delete takes ten
   * milliseconds.
   */
  async function createCrowded(subs: readonly string[]) {
    const world = await createSweeper();
    const { session } = await world.signInWith(world.idToken());
    const erasure = { at: world.time.now(), tokenHashes: [] };
    for (const [at, sub] of subs.entries()) {
      await world.userItems.begin(sub, await world.userItems.find(sub), erasure);
      world.lists.erasing.push({ sub, at });
      for (let n = 0; n < SESSIONS; n += 1) {
        const id = `${sub}-${String(n)}`;
        await world.sessionItems.create({ ...session, sub, tokenHash: id, id });
      }
    }
    const end = world.sessionItems.end.bind(world.sessionItems);
    jest.spyOn(world.sessionItems, "end").mockImplementation(async (tokenHash) => {
      world.time.advance(10);
      await end(tokenHash);
    });
    world.time.advance(MIN_AGE_MS + 1);
    return world;
  }

  async function addOthers(world: Sweeper) {
    const grant = await world.grant();
    const begun = beginDisconnect(grant, 0);
    await world.store.write(begun, grant.revision);
    world.lists.disconnecting.push({ sub: SUB, at: 0 });
    world.lists.due.push({ sub: SUB, at: 0 });
  }

  test("an erasure of thousands of sessions is cut off in time, counted, and gone on with the next time", async () => {
    const world = await createCrowded(["crowd"]);
    await addOthers(world);
    const begunAt = world.time.now();
    expect(await world.sweep()).toEqual({
      erasing: { done: 0, failed: 1 },
      disconnecting: { done: 1, failed: 0 },
      due: { done: 1, failed: 0 },
    });
    expect(world.time.now() - begunAt).toBeLessThan(SWEEP_MS);
    const left = world.sessionItems.allOf("crowd").length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(SESSIONS);
    expect((await world.userItems.find("crowd")).revocation).toBeUndefined();
    for (let run = 0; run < 5; run += 1) {
      await world.sweep();
    }
    expect(world.sessionItems.allOf("crowd")).toEqual([]);
    expect((await world.userItems.find("crowd")).revocation).toBeDefined();
  });

  test("those behind them on their own list have their turn in the next run at the latest", async () => {
    const crowds = Array.from({ length: 8 }, (_, n) => `crowd-${String(n)}`);
    const world = await createCrowded(crowds);
    const erasure = { at: 0, tokenHashes: [] };
    await world.userItems.begin(SUB, await world.userItems.find(SUB), erasure);
    world.lists.erasing.push({ sub: SUB, at: 100 });
    const runs: boolean[] = [];
    for (let run = 0; run < 2; run += 1) {
      await world.sweep();
      runs.push((await world.userItems.find(SUB)).revocation !== undefined);
    }
    expect(runs).toEqual([false, true]);
  });

  test.each<["disconnecting" | "due" | "erasing"]>([["disconnecting"], ["due"], ["erasing"]])(
    "a bug at the list %s is told of, and the others are done",
    async (list) => {
      const world = await createSweeper();
      await beginErasure(world);
      await addOthers(world);
      world.time.advance(MIN_AGE_MS + 1);
      const bug = new RangeError("Invalid array length");
      jest.spyOn(world.sources[list], "page").mockRejectedValue(bug);
      const report = await world.sweep();
      for (const each of ["disconnecting", "due", "erasing"] as const) {
        const expected = each === list ? { done: 0, failed: 1 } : { done: 1, failed: 0 };
        expect([each, report[each]]).toEqual([each, expected]);
      }
      expect(world.lines).toContainEqual({
        level: "error",
        event: "not_swept",
        fields: { reason: "bug", cause: "RangeError" },
      });
    },
  );

  test("a subject at which the process ends is not the first that the next one meets", async () => {
    const world = await createSweeper();
    for (const [at, sub] of ["killer", "victim"].entries()) {
      const erasure = { at, tokenHashes: [] };
      await world.userItems.begin(sub, await world.userItems.find(sub), erasure);
      world.lists.erasing.push({ sub, at });
    }
    world.time.advance(MIN_AGE_MS + 1);
    world.killers.add("killer");
    expect(await world.dieOfSweep()).toBe("killer");
    expect((await world.sweep()).erasing).toEqual({ done: 1, failed: 0 });
    expect((await world.userItems.find("victim")).revocation).toBeDefined();
  });

  test("positions that cannot be read or written keep nothing from being done", async () => {
    const world = await createSweeper();
    await beginErasure(world);
    world.lists.erasing.push({ sub: "nobody", at: 0 });
    await addOthers(world);
    world.time.advance(MIN_AGE_MS + 1);
    const down = new UnavailableError("store_unavailable");
    jest.spyOn(world.positions, "read").mockRejectedValue(down);
    jest.spyOn(world.positions, "write").mockRejectedValue(down);
    const { erasing, due } = await world.sweep();
    expect([erasing.done, due.done]).toEqual([2, 1]);
    expect(erasing.failed).toBeGreaterThan(0);
    expect((await world.userItems.find(SUB)).revocation).toBeDefined();
  });

  test("a queue that takes its time leaves the erasures theirs", async () => {
    const world = await createSweeper();
    for (let at = 0; at < 1_000; at += 1) {
      world.lists.due.push({ sub: `user-${String(at)}`, at });
    }
    await beginErasure(world);
    world.time.advance(MIN_AGE_MS + 1);
    const renew = world.queue.renewals.renew.bind(world.queue.renewals);
    jest.spyOn(world.queue.renewals, "renew").mockImplementation(async (tasks) => {
      world.time.advance(5_000);
      await renew(tasks);
    });
    const begunAt = world.time.now();
    const { due, erasing } = await world.sweep();
    expect(due.done).toBeLessThan(1_000);
    expect(erasing).toEqual({ done: 1, failed: 0 });
    expect(world.time.now() - begunAt).toBeLessThan(SWEEP_MS);
  });
});

test("a plan says what would be done, and does nothing", async () => {
  const world = await createSweeper();
  await beginErasure(world);
  world.lists.due.push({ sub: SUB, at: 0 });
  world.time.advance(MIN_AGE_MS + 1);
  expect(await world.plan(10)).toEqual({ erasing: [SUB], disconnecting: [], due: [SUB] });
  expect((await world.userItems.find(SUB)).revocation).toBeUndefined();
  expect(world.queue.items).toEqual([]);
});
