/** How patiently the end of a refresh is written: the store, else the queue, attempt by attempt. */
import { ANSWER_RESERVE_MS, SPILL_RESERVE_MS } from "../../../lambda/deadlines";
import { InternalError, UnavailableError } from "../../../lambda/errors";
import type { LeasedGrant, Sealed } from "../../../lambda/grant/grant";
import { releaseLease } from "../../../lambda/grant/transitions";
import type { Recovery } from "../../../lambda/ports/queues";
import type { GrantStore, GrantWrite } from "../../../lambda/ports/stores";
import { commitWithRetry } from "../../../lambda/refresh/durable-write";
import type { ExchangeDependencies, LeaseHolder } from "../../../lambda/refresh/types";
import { SUB } from "../../support/exchange-world";
import { createTaken } from "../../support/taken";
import { createVirtualTime } from "../../support/virtual-time";

const down = new UnavailableError("store_unavailable");
const lease = { owner: "me", expiresAt: 17_000, takenOver: false };
const held: LeasedGrant = {
  sub: "sub",
  grantId: "grant",
  revision: 3,
  status: "active",
  since: 1,
  refreshToken: { ciphertext: new Uint8Array([1]), gen: 3 },
  lease,
  inbox: [],
  history: [],
};
/** The store alone is asked once, and then the queue. */
const SHORT_MS = SPILL_RESERVE_MS;
const recovery: Recovery = {
  watch: () => Promise.resolve(),
  spill: () => Promise.resolve(),
  takeOver: () => Promise.resolve(),
};

interface PatienceOptions {
  readonly timeLeftMs?: number;
  readonly fraction?: number;
  readonly recovery?: Recovery;
  readonly tookMs?: number;
}

/** @param answers what the store says, one after the other; the last one for ever */
async function createPatience(
  answers: readonly (GrantWrite | Error)[],
  options: PatienceOptions = {},
) {
  const taken = await createTaken();
  const time = createVirtualTime(0);
  const pauses: number[] = [];
  const left = [...answers];
  const write = jest.fn<Promise<GrantWrite>, Parameters<GrantStore["write"]>>(() => {
    time.advance(options.tookMs ?? 0);
    const answer = left.length > 1 ? left.shift() : left[0];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer!);
  });
  const timer = {
    sleep: (milliseconds: number) => {
      pauses.push(milliseconds);
      time.advance(milliseconds);
      return Promise.resolve();
    },
  };
  const dependencies = {
    ...taken.dependencies,
    grants: { read: () => Promise.reject(down), write },
    clock: time,
    timer,
    random: { id: () => "id", fraction: () => options.fraction ?? 1 },
    recovery: options.recovery,
  };
  const call = { ...taken.held.call, deadline: options.timeLeftMs ?? 100_000 };
  const holder = { ...taken.held, grant: held, call };
  const settle = async () =>
    await commitWithRetry(dependencies, holder, (row) => ({ next: releaseLease(row) }));
  return { settle, write, pauses, time };
}

const done: GrantWrite = { written: true, grant: { ...held, revision: 4 } };

test.each([
  [1, [50, 100, 200, 400, 800, 800]],
  [0, [25, 50, 100, 200, 400, 400]],
])("pauses double from 50 to 800 ms, less up to half of it (random %d)", async (fraction, all) => {
  const { settle, pauses } = await createPatience([down, down, down, down, down, down, done], {
    fraction,
  });
  expect(await settle()).toMatchObject({ write: done });
  expect(pauses).toEqual(all);
});

test.each<[string, number, PatienceOptions]>([
  ["two seconds for the spill, where there is one", 2_000, { recovery }],
  ["half a second for the answer, where there is none", 500, {}],
])("leaves %s", async (_, reserveMs, options) => {
  // 50 and 100 ms fit in exactly; 200 more do not.
  const timeLeftMs = reserveMs + 150;
  const { settle, pauses, write } = await createPatience([down], { ...options, timeLeftMs });
  await expect(settle()).rejects.toBe(down);
  expect(pauses).toEqual([50, 100]);
  expect(write).toHaveBeenCalledTimes(3);
});

test.each([
  [600 + 500, 2],
  [600 + 499, 1],
])("a store that hangs is expected to hang as long again (%d ms left)", async (left, attempts) => {
  // 275 ms for the first attempt, 50 ms of pause, 275 ms for the second one.
  const { settle, write } = await createPatience([down, done], { timeLeftMs: left, tookMs: 275 });
  await settle().catch(() => undefined);
  expect(write).toHaveBeenCalledTimes(attempts);
});

test("what is no outage is told at once", async () => {
  const broken = new InternalError("bug");
  const { settle, pauses } = await createPatience([broken]);
  await expect(settle()).rejects.toBe(broken);
  expect(pauses).toEqual([]);
});

test("a row that moved under the same lease is changed as it is now", async () => {
  const current = { ...held, revision: 5, frozenAt: 9 };
  const { settle, write } = await createPatience([{ written: false, current }, done]);
  expect(await settle()).toMatchObject({ write: done });
  expect(write.mock.calls).toEqual([
    [{ ...held, lease: undefined }, 3],
    [{ ...current, lease: undefined }, 5],
  ]);
});

test("a row under another lease is left alone", async () => {
  const current = { ...held, revision: 5, lease: { ...lease, owner: "another" } };
  const moved: GrantWrite = { written: false, current };
  const { settle, write } = await createPatience([moved]);
  expect(await settle()).toMatchObject({ write: moved });
  expect(write).toHaveBeenCalledTimes(1);
});

describe("S45: a write that fails", () => {
  const successor = { ciphertext: new Uint8Array([1]), gen: 9 };
  const lost = new UnavailableError("store_unavailable");

  /** When the store alone has been asked for long enough. */
  async function commit(
    dependencies: ExchangeDependencies,
    holder: LeaseHolder,
    { successor: kept, write }: { successor: Sealed | undefined; write: GrantStore["write"] },
  ) {
    const grants = { read: dependencies.grants.read, write };
    return await commitWithRetry({ ...dependencies, grants }, holder, (row) => ({
      next: releaseLease(row),
      mustKeep: kept,
    }));
  }

  function failing(failures = Infinity) {
    const write = jest.fn((): Promise<GrantWrite> => {
      const written: GrantWrite = { written: false, current: undefined };
      return write.mock.calls.length > failures ? Promise.resolve(written) : Promise.reject(lost);
    });
    return write;
  }

  test("fails at once where there is no successor, or no queue", async () => {
    const rotating = await createTaken({ timeLeftMs: SHORT_MS });
    const still = await createTaken({ rotation: "none", timeLeftMs: ANSWER_RESERVE_MS });
    for (const [{ world, dependencies, held }, lostToken] of [
      [rotating, undefined],
      [still, successor],
    ] as const) {
      const write = failing();
      const outcome = commit(dependencies, held, { successor: lostToken, write });
      await expect(outcome).rejects.toBe(lost);
      expect(write).toHaveBeenCalledTimes(1);
      expect([world.queue.items, world.lines]).toEqual([[], []]);
    }
  });

  test("spills the sealed successor under its lease, and says why", async () => {
    const { world, dependencies, held } = await createTaken({ timeLeftMs: SHORT_MS });
    const outcome = await commit(dependencies, held, { successor, write: failing() });
    expect(outcome).toMatchObject({ write: undefined, error: lost });
    const { grantId } = held.grant;
    expect(world.queue.items.map(({ task }) => task)).toEqual([
      { kind: "spill", sub: SUB, grantId, owner: "me", refreshToken: successor },
    ]);
    expect(world.lines).toEqual([
      { level: "warn", event: "spilled", fields: { reason: "store_unavailable" } },
    ]);
  });

  test.each([
    [1, [50, 100, 200, 400, 400]],
    [0, [25, 50, 100, 200, 200]],
  ])("is tried again while the queue is down, too (random %d)", async (fraction, pauses) => {
    const taken = await createTaken({ fraction, timeLeftMs: SHORT_MS });
    taken.world.queue.isDown = true;
    const write = failing(5);
    expect(await commit(taken.dependencies, taken.held, { successor, write })).toMatchObject({
      write: { written: false, current: undefined },
    });
    expect(taken.pauses).toEqual(pauses);
    expect(taken.world.lines).toEqual(
      pauses.map(() => ({
        level: "error",
        event: "not_spilled",
        fields: { reason: "queue_unavailable" },
      })),
    );
  });

  test("is tried again as long as its pause leaves time for an answer", async () => {
    const taken = await createTaken({ timeLeftMs: ANSWER_RESERVE_MS + 50 });
    taken.world.queue.isDown = true;
    const write = failing();
    const outcome = commit(taken.dependencies, taken.held, { successor, write });
    await expect(outcome).rejects.toBe(lost);
    expect(write).toHaveBeenCalledTimes(2);
  });
});
