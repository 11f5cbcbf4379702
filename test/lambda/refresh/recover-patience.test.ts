/** How long and how often recovery tries, and what the operator hears of it. */
import { InternalError, UnavailableError } from "../../../lambda/errors";
import type { ActiveGrant, Grant } from "../../../lambda/grant/grant";
import type { TokenOutcome } from "../../../lambda/ports/provider";
import type { RecoveryTask } from "../../../lambda/ports/queues";
import type { GrantStore } from "../../../lambda/ports/stores";
import { createRecover } from "../../../lambda/refresh/recover";
import { createWorld, SUB, type World } from "../../support/exchange-world";
import { put } from "../../support/taken";

const MAX_MOVES = 16;
const down = new UnavailableError("store_unavailable");

interface PatienceOptions {
  readonly fraction?: number;
  readonly dueAt?: (grant: Grant) => number | undefined;
  /** Before each access to the store, once the world is there. */
  readonly onRead?: (world: World) => Promise<void> | void;
  readonly onWrite?: (world: World, store: GrantStore) => Promise<void> | void;
}

async function createPatience(options: PatienceOptions = {}) {
  const state: { world: World | undefined } = { world: undefined };
  const counts = { reads: 0, writes: 0 };
  const world = await createWorld({
    rotation: "grace",
    wrapStore: (store): GrantStore => ({
      read: async (sub) => {
        counts.reads += 1;
        await (state.world && options.onRead?.(state.world));
        return await store.read(sub);
      },
      write: async (next, expected) => {
        counts.writes += 1;
        await (state.world && options.onWrite?.(state.world, store));
        return await store.write(next, expected);
      },
    }),
  });
  const { sub, grantId } = await world.grant();
  const pauses: number[] = [];
  const recover = createRecover({
    ...world.dependencies,
    timer: {
      sleep: (milliseconds) => {
        pauses.push(milliseconds);
        world.time.advance(milliseconds);
        return Promise.resolve();
      },
    },
    random: { id: () => "recovery", fraction: () => options.fraction ?? 1 },
    dueAt: options.dueAt,
  });
  return {
    world,
    pauses,
    counts,
    begin: () => {
      state.world = world;
      Object.assign(counts, { reads: 0, writes: 0 });
    },
    spill: { kind: "spill", sub, grantId, owner: "dead", refreshToken: sealed(9) } as const,
    takeOver: { kind: "take-over", sub, grantId, owner: "dead" } as const,
    recover: async (task: RecoveryTask, timeLeftMs = 20_000, receiveCount = 1) =>
      await world.time.run(
        recover({
          task,
          receiveCount,
          log: world.dependencies.log,
          deadline: world.time.now() + timeLeftMs,
        }),
      ),
  };
}

const sealed = (gen: number) => ({ ciphertext: new Uint8Array([gen]), gen });

/** Fails the first so many times. */
function failing(times: number, error: Error = down, tookMs = 0) {
  let left = times;
  return (world: World): void => {
    world.time.advance(tookMs);
    if (left > 0) {
      left -= 1;
      throw error;
    }
  };
}

describe("a spilled successor", () => {
  test.each([
    [1, [50, 100, 200, 400, 800, 800]],
    [0, [25, 50, 100, 200, 400, 400]],
  ])("is placed as soon as the store takes it (random %d)", async (fraction, expected) => {
    const { begin, recover, spill, pauses, world } = await createPatience({
      fraction,
      onRead: failing(6),
    });
    begin();
    expect(await recover(spill)).toBe("done");
    expect(pauses).toEqual(expected);
    expect(world.lines).toEqual([{ level: "info", event: "spill", fields: { outcome: "placed" } }]);
  });

  test("comes again where the store does not take it until a second before the deadline", async () => {
    const { begin, recover, spill, pauses, world } = await createPatience({
      onRead: failing(Infinity),
    });
    begin();
    expect(await recover(spill, 1_000 + 150)).toBe("again");
    expect(pauses).toEqual([50, 100]);
    expect(world.lines).toEqual([
      { level: "warn", event: "not_recovered", fields: { reason: "store_unavailable" } },
    ]);
  });

  test.each([
    [1_000 + 600, "done"],
    [1_000 + 599, "again"],
  ])(
    "of a store that hangs is tried as long as it may hang again (%d ms)",
    async (left, expected) => {
      const { begin, recover, spill } = await createPatience({ onRead: failing(1, down, 275) });
      begin();
      expect(await recover(spill, left)).toBe(expected);
    },
  );

  test("that meets a fault of ours comes again, and the log says that it is one", async () => {
    const { begin, recover, spill, pauses, world } = await createPatience({
      onRead: failing(1, new InternalError("cipher_denied")),
    });
    begin();
    expect(await recover(spill)).toBe("again");
    expect(pauses).toEqual([]);
    expect(world.lines).toEqual([
      { level: "error", event: "not_recovered", fields: { reason: "cipher_denied" } },
    ]);
  });

  test("that meets what is no error of ours is for the runtime to tell", async () => {
    const strange = new TypeError("strange");
    const { begin, recover, spill } = await createPatience({ onRead: failing(1, strange) });
    begin();
    await expect(recover(spill)).rejects.toBe(strange);
  });

  test("of a row that others move is tried eight times, and comes again", async () => {
    const { begin, recover, spill, counts, world } = await createPatience({
      onWrite: async ({ grant }, store) => {
        const row = await grant();
        await store.write(row, row.revision);
      },
    });
    begin();
    expect(await recover(spill, 0)).toBe("again");
    expect(counts.writes).toBe(8);
    expect(world.lines).toMatchObject([{ fields: { reason: "store_conflict" } }]);
  });

  test.each<[string, Partial<ActiveGrant>]>([
    ["superseded", { refreshToken: sealed(9) }],
    ["orphaned", { grantId: "another" }],
  ])("that is %s is dropped, and the log says so", async (outcome, change) => {
    const { begin, recover, spill, counts, world } = await createPatience();
    await put(world, (grant) => ({ ...grant, ...change }));
    begin();
    expect(await recover(spill)).toBe("done");
    expect(counts.writes).toBe(0);
    expect(world.lines).toContainEqual({ level: "info", event: "spill", fields: { outcome } });
  });
});

test("a spilled successor of the lease that still stands is in the history as what recovery exchanged", async () => {
  const { recover, spill, world } = await createPatience();
  const lease = { owner: "dead", expiresAt: 0, takenOver: false };
  await put(world, (grant) => ({ ...grant, lease }));
  expect(await recover(spill)).toBe("done");
  const at = world.time.now();
  expect(await world.grant()).toMatchObject({ lastExchangeAt: at, lease: undefined });
  expect((await world.grant()).history.at(-1)).toEqual({
    at,
    by: "recovery",
    outcome: "exchanged",
  });
});

describe("a take-over", () => {
  const lease = { owner: "dead", takenOver: false };

  test("of somebody of whom nothing is left has nothing to do", async () => {
    const { recover, takeOver, world } = await createPatience();
    expect(await recover({ ...takeOver, sub: "nobody" })).toBe("done");
    expect(world.lines).toEqual([]);
  });

  test("that heals at its last time leaves nothing to the sweeper", async () => {
    const { recover, takeOver, world } = await createPatience();
    await put(world, (grant) => ({ ...grant, lease: { ...lease, expiresAt: 0 } }));
    expect(await recover(takeOver, 20_000, 21)).toBe("done");
    expect(world.tokenEndpoint.presented).toHaveLength(1);
    expect(world.lines).toEqual([]);
  });

  test.each([
    [0, "done", []],
    [1, "done", [1]],
    [3_000, "done", [3_000]],
    [3_001, "again", []],
  ])("waits for a lease that has %d ms left: %s", async (left, expected, all) => {
    const { recover, takeOver, pauses, world } = await createPatience();
    await put(world, (grant) => ({
      ...grant,
      lease: { ...lease, expiresAt: world.time.now() + left },
    }));
    expect(await recover(takeOver)).toBe(expected);
    expect(pauses).toEqual(all);
    expect(world.tokenEndpoint.presented).toHaveLength(expected === "done" ? 1 : 0);
  });

  test("waits for a cooldown that ends after the lease", async () => {
    const { recover, takeOver, pauses, world } = await createPatience();
    const cooldown = {
      ...({ cause: "idp_in_doubt", failures: 1 } as const),
      until: world.time.now() + 2_000,
    };
    await put(world, (grant) => ({ ...grant, lease: { ...lease, expiresAt: 0 }, cooldown }));
    expect(await recover(takeOver)).toBe("done");
    expect(pauses).toEqual([2_000]);
  });

  test.each<[string, Partial<ActiveGrant>, number]>([
    ["the lease it is for", { lease: { ...lease, expiresAt: 0 } }, 1],
    [
      "one that was taken over since",
      { lease: { owner: "second", expiresAt: 0, takenOver: true } },
      0,
    ],
    ["a lease of somebody else", { lease: { ...lease, owner: "second", expiresAt: 0 } }, 0],
    ["no lease", {}, 0],
    ["another sign-in", { grantId: "another", lease: { ...lease, expiresAt: 0 } }, 0],
  ])("that finds %s", async (_, change, requests) => {
    const { recover, takeOver, world } = await createPatience();
    await put(world, (grant) => ({ ...grant, ...change }));
    if (change.grantId === "another") {
      world.tokenEndpoint.next({ outcome: { kind: "refused" } });
    }
    expect(await recover(takeOver)).toBe("done");
    expect(world.tokenEndpoint.presented).toHaveLength(requests);
  });

  test.each([
    [20, "again", []],
    [
      21,
      "done",
      [{ level: "warn", event: "left_to_the_sweeper", fields: { outcome: "take-over" } }],
    ],
  ])("that comes for the %dth time too early: %s", async (receiveCount, expected, lines) => {
    const { recover, takeOver, world } = await createPatience();
    await put(world, (grant) => ({ ...grant, lease: { ...lease, expiresAt: Infinity } }));
    expect(await recover(takeOver, 20_000, receiveCount)).toBe(expected);
    expect(world.lines).toEqual(lines);
  });

  test.each([
    ["take-over", "done"],
    ["watch", "again"],
  ] as const)(
    "a lease that somebody else took over has long to go: %s is %s",
    async (kind, expected) => {
      const { recover, takeOver, world } = await createPatience();
      const expiresAt = world.time.now() + 3_001;
      await put(world, (grant) => ({
        ...grant,
        lease: { owner: "second", expiresAt, takenOver: true },
      }));
      expect(await recover({ ...takeOver, kind })).toBe(expected);
    },
  );

  test("that gets through at its sixteenth try is done", async () => {
    let moves = MAX_MOVES - 1;
    const { begin, recover, takeOver, world } = await createPatience({
      onWrite: async ({ grant }, store) => {
        const row = await grant();
        if (moves > 0) {
          moves -= 1;
          await store.write(row, row.revision);
        }
      },
    });
    await put(world, (grant) => ({ ...grant, lease: { ...lease, expiresAt: 0 } }));
    begin();
    expect(await recover(takeOver)).toBe("done");
    expect(world.tokenEndpoint.presented).toHaveLength(1);
  });

  test("of a row that others move tries sixteen times, and comes again", async () => {
    const { begin, recover, takeOver, counts, world } = await createPatience({
      onWrite: async ({ grant }, store) => {
        const row = await grant();
        await store.write(row, row.revision);
      },
    });
    await put(world, (grant) => ({ ...grant, lease: { ...lease, expiresAt: 0 } }));
    begin();
    expect(await recover(takeOver)).toBe("again");
    expect(counts.writes).toBe(MAX_MOVES);
  });

  const refusedUs: TokenOutcome = {
    kind: "failed",
    cause: "idp_unavailable",
    processed: "no",
    retryAfterSeconds: undefined,
  };

  test.each<[TokenOutcome, string, string]>([
    [{ kind: "client_rejected" }, "error", "client_rejected"],
    [refusedUs, "warn", "idp_unavailable"],
  ])("that fails comes again, and the log says why: %j", async (outcome, level, reason) => {
    const { recover, takeOver, world } = await createPatience();
    await put(world, (grant) => ({ ...grant, lease: { ...lease, expiresAt: 0 } }));
    world.tokenEndpoint.next({ outcome });
    expect(await recover(takeOver)).toBe("again");
    expect(world.lines).toContainEqual({ level, event: "not_recovered", fields: { reason } });
  });
});

test.each([
  ["is due now", 0, 1],
  ["is due in a millisecond", 1, 0],
  ["has nothing due", undefined, 0],
])("a renewal of a grant that %s", async (_, dueInMs, requests) => {
  const { recover, world } = await createPatience({
    dueAt: () => (dueInMs === undefined ? undefined : world.time.now() + dueInMs),
  });
  expect(await recover({ kind: "renew", sub: SUB })).toBe("done");
  expect(world.tokenEndpoint.presented).toHaveLength(requests);
});

test("a renewal with a provider with which nothing is ever due asks nobody", async () => {
  const { recover, world } = await createPatience();
  expect(await recover({ kind: "renew", sub: SUB })).toBe("done");
  expect(world.tokenEndpoint.presented).toEqual([]);
});
