/** What a holder does before a rotating token is spent, and with a successor that the store does not take, call by call. */
import { UnavailableError } from "../../../lambda/errors";
import type { GrantWrite } from "../../../lambda/ports";
import type { Held } from "../../../lambda/use-cases/held";
import {
  arm,
  INBOX_WAIT_MS,
  isRestored,
  isTakenOver,
  MIN_REQUEST_MS,
  writeOrSpill,
} from "../../../lambda/use-cases/recoverable";
import { ANSWER_RESERVE_MS } from "../../../lambda/use-cases/settle";
import { SUB } from "../../support/exchange-world";
import { createTaken, DEAD, leave, put, type TakenOptions } from "../../support/taken";

describe("before a rotating token is spent", () => {
  test("nothing is done for a provider that does not rotate", async () => {
    const { world, dependencies, before, held } = await createTaken({ rotation: "none" });
    expect(await arm(dependencies, { before, held })).toEqual({ kind: "armed", held });
    expect(world.queue.items).toEqual([]);
  });

  test.each([
    [MIN_REQUEST_MS, "armed"],
    [MIN_REQUEST_MS - 1, "too_little_time_left"],
  ])("%d ms must be left for the request and its commit: %s", async (timeLeftMs, expected) => {
    const taken = await createTaken({ rotation: "grace", timeLeftMs, before: { lease: DEAD } });
    const outcome = await arm(taken.dependencies, taken).then(
      ({ kind }) => kind,
      (error: unknown) => (error as { reason: unknown }).reason,
    );
    expect(outcome).toBe(expected);
    const { lease } = await taken.world.grant();
    expect(lease).toEqual(expected === "armed" ? taken.held.grant.lease : DEAD);
  });

  test.each<[string, TakenOptions]>([
    ["the provider has a grace time", { rotation: "grace", before: { lease: DEAD } }],
    ["the holder before has reported back", {}],
    [
      "its successor came before the intent",
      { before: { lease: DEAD, inbox: [{ ciphertext: new Uint8Array(), gen: 9 }] } },
    ],
  ])("nobody waits for a spilled successor where %s", async (_, options) => {
    const taken = await createTaken(options);
    expect(await arm(taken.dependencies, taken)).toEqual({ kind: "armed", held: taken.held });
    expect(taken.pauses).toEqual([]);
  });

  test("a spilled successor is looked for ever more rarely, for three seconds at most", async () => {
    const whole = await createTaken({ before: { lease: DEAD } });
    expect(await arm(whole.dependencies, whole)).toEqual({ kind: "armed", held: whole.held });
    expect(whole.pauses).toEqual([50, 100, 200, 400, 400, 400, 400, 400, 400, 400]);
    const half = await createTaken({ before: { lease: DEAD }, fraction: 0 });
    await arm(half.dependencies, half);
    expect(half.pauses.slice(0, 5)).toEqual([25, 50, 100, 200, 200]);
    const slow = await createTaken({
      before: { lease: DEAD },
      sleep: (_, { time }) => {
        time.advance(INBOX_WAIT_MS / 2);
      },
    });
    await arm(slow.dependencies, slow);
    expect(slow.pauses).toHaveLength(2);
  });

  test("a spilled successor that comes is presented instead, and is the row's own from then on", async () => {
    const taken = await createTaken({
      before: { lease: DEAD },
      sleep: async (_, world) => {
        await leave(world, "refresh-token-1", 9);
      },
    });
    const armed = await arm(taken.dependencies, taken);
    expect(armed).toMatchObject({ kind: "armed", held: { refreshToken: "refresh-token-1" } });
    expect(await taken.world.grant()).toMatchObject({ refreshToken: { gen: 9 }, inbox: [] });
    expect(taken.pauses).toHaveLength(1);
  });

  test("somebody else who takes the row while a successor is waited for has it", async () => {
    const other = { owner: "other", expiresAt: Infinity, takenOver: true };
    const taken = await createTaken({
      before: { lease: DEAD },
      sleep: async (_, world) => {
        await put(world, (grant) => ({ ...grant, lease: other }));
      },
    });
    const moved = await arm(taken.dependencies, taken);
    expect(moved).toEqual({ kind: "moved", grant: await taken.world.grant() });
    expect((await taken.world.grant()).lease).toEqual(other);
  });

  test("somebody else who takes the row while its inbox is adopted has it", async () => {
    const taken = await createTaken({
      before: { lease: DEAD },
      sleep: async (_, world) => {
        await leave(world, "refresh-token-1", 9);
      },
    });
    const current = { ...taken.before, grantId: "of another sign-in" };
    const held: Held = {
      ...taken.held,
      settle: () => Promise.resolve({ written: false, current }),
    };
    const moved = await arm(taken.dependencies, { before: taken.before, held });
    expect(moved).toEqual({ kind: "moved", grant: current });
  });
});

describe("S45: a write that fails", () => {
  const successor = { ciphertext: new Uint8Array([1]), gen: 9 };
  const lost = new UnavailableError("store_unavailable");

  function failing(failures = Infinity) {
    const write = jest.fn((): Promise<GrantWrite> => {
      const written: GrantWrite = { written: false, current: undefined };
      return write.mock.calls.length > failures ? Promise.resolve(written) : Promise.reject(lost);
    });
    return write;
  }

  test("fails at once where there is no successor, or no queue", async () => {
    const rotating = await createTaken();
    const still = await createTaken({ rotation: "none" });
    for (const [{ world, dependencies, held }, lostToken] of [
      [rotating, undefined],
      [still, successor],
    ] as const) {
      const write = failing();
      const outcome = writeOrSpill(dependencies, held, { successor: lostToken, write });
      await expect(outcome).rejects.toBe(lost);
      expect(write).toHaveBeenCalledTimes(1);
      expect([world.queue.items, world.lines]).toEqual([[], []]);
    }
  });

  test("spills the sealed successor under its lease, and says why", async () => {
    const { world, dependencies, held } = await createTaken();
    const whenSpilled: GrantWrite = { written: true, grant: held.grant };
    const request = { successor, write: failing(), whenSpilled };
    expect(await writeOrSpill(dependencies, held, request)).toBe(whenSpilled);
    const { grantId } = held.grant;
    expect(world.queue.items.map(({ task }) => task)).toEqual([
      { kind: "spill", sub: SUB, grantId, owner: "me", refreshToken: successor },
    ]);
    expect(world.lines).toEqual([
      { level: "warn", event: "spilled", fields: { reason: "store_unavailable" } },
    ]);
  });

  test("stays a failure, once spilled, where there is nothing else to answer", async () => {
    const { world, dependencies, held } = await createTaken();
    const write = failing();
    await expect(writeOrSpill(dependencies, held, { successor, write })).rejects.toBe(lost);
    expect(write).toHaveBeenCalledTimes(1);
    expect(world.queue.items).toHaveLength(1);
  });

  test.each([
    [1, [50, 100, 200, 400, 400]],
    [0, [25, 50, 100, 200, 200]],
  ])("is tried again while the queue is down, too (random %d)", async (fraction, pauses) => {
    const taken = await createTaken({ fraction });
    taken.world.queue.isDown = true;
    const write = failing(5);
    expect(await writeOrSpill(taken.dependencies, taken.held, { successor, write })).toEqual({
      ...{ written: false, current: undefined },
    });
    expect(taken.pauses).toEqual(pauses);
    expect(taken.world.lines).toEqual(
      pauses.map(() => ({
        ...{ level: "error", event: "not_spilled", fields: { reason: "queue_unavailable" } },
      })),
    );
  });

  test("is tried again as long as its pause leaves time for an answer", async () => {
    const taken = await createTaken({ timeLeftMs: ANSWER_RESERVE_MS + 50 });
    taken.world.queue.isDown = true;
    const write = failing();
    const outcome = writeOrSpill(taken.dependencies, taken.held, { successor, write });
    await expect(outcome).rejects.toBe(lost);
    expect(write).toHaveBeenCalledTimes(2);
  });
});

describe("a refusal is in doubt", () => {
  test("where a holder before never reported back to a provider that rotates", async () => {
    for (const [rotation, lease, expected] of [
      ["strict", DEAD, true],
      ["grace", DEAD, true],
      ["strict", undefined, false],
      ["none", DEAD, false],
    ] as const) {
      const { dependencies, held } = await createTaken({
        rotation,
        before: { lease },
      });
      expect({ rotation, isTakenOver: isTakenOver(dependencies, held) }).toEqual({
        ...{ rotation, isTakenOver: expected },
      });
    }
  });

  test.each([
    ["was last exchanged before the backup", 5, 9, 10, true],
    ["was stored before it, and never exchanged", 9, undefined, 10, true],
    ["was exchanged at its time", 5, 10, 10, false],
    ["was exchanged since", 5, 11, 10, false],
    ["was stored since", 11, 5, 10, false],
    ["never came from one", 5, 9, undefined, false],
  ])("where the grant %s", async (_, since, lastExchangeAt, restoredAt, expected) => {
    const before = { since, lastExchangeAt };
    const { dependencies, held } = await createTaken({ before });
    const call = { ...held.call, restoredAt };
    expect(isRestored(dependencies, { ...held, call })).toBe(expected);
    expect(isRestored({ ...dependencies, rotation: "none" }, { ...held, call })).toBe(false);
  });
});
