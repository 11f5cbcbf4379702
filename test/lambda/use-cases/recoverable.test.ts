/** What a holder does before a rotating token is spent, and with a successor that the store does not take, call by call. */
import { UnavailableError } from "../../../lambda/errors";
import type { GrantWrite } from "../../../lambda/ports/stores";
import {
  arm,
  isRestored,
  isTakenOver,
  standsInLine,
  writeOrSpill,
} from "../../../lambda/use-cases/recoverable";
import { ANSWER_RESERVE_MS } from "../../../lambda/use-cases/settle";
import { SUB } from "../../support/exchange-world";
import { createTaken, DEAD, type TakenOptions } from "../../support/taken";

describe("before a rotating token is spent", () => {
  test("nothing is done for a provider that does not rotate", async () => {
    const { world, dependencies, before, held } = await createTaken({ rotation: "none" });
    await arm(dependencies, { before, held });
    expect(world.queue.items).toEqual([]);
  });

  test.each([
    [6_000, "armed"],
    [5_999, "too_little_time_left"],
  ])("%d ms must be left for the request and its commit: %s", async (timeLeftMs, expected) => {
    const taken = await createTaken({ rotation: "grace", timeLeftMs, before: { lease: DEAD } });
    const outcome = await arm(taken.dependencies, taken).then(
      () => "armed",
      (error: unknown) => (error as { reason: unknown }).reason,
    );
    expect(outcome).toBe(expected);
    const { lease } = await taken.world.grant();
    expect(lease).toEqual(expected === "armed" ? taken.held.grant.lease : DEAD);
  });

  test("the message is for the end of the lease, in whole seconds, and nobody waits", async () => {
    const taken = await createTaken({ before: { lease: DEAD } });
    await arm(taken.dependencies, taken);
    expect(taken.world.queue.items).toMatchObject([{ task: { kind: "watch", owner: "me" } }]);
    expect(taken.world.queue.items[0]?.visibleAt).toBe(taken.held.grant.lease?.expiresAt);
    expect(taken.pauses).toEqual([]);
  });
});

describe("a lapsed lease is taken over in its turn", () => {
  const inbox = [{ ciphertext: new Uint8Array(), gen: 9 }];

  test.each<[string, boolean, TakenOptions]>([
    ["a strict provider's is", true, { before: { lease: DEAD } }],
    [
      "one of a provider with a grace time is",
      true,
      { rotation: "grace", before: { lease: DEAD } },
    ],
    [
      "one of a provider that does not rotate has not to be",
      false,
      { rotation: "none", before: { lease: DEAD } },
    ],
    ["one whose holder reported back is none", false, {}],
    ["one whose successor is there has not to be", false, { before: { lease: DEAD, inbox } }],
  ])("%s: %s", async (_, expected, options) => {
    const { dependencies, before } = await createTaken(options);
    expect(standsInLine(dependencies, before)).toBe(expected);
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
