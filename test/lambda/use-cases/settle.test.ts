/** How patiently the end of an exchange is written, attempt by attempt. */
import { InternalError, UnavailableError } from "../../../lambda/errors";
import type { Grant } from "../../../lambda/model";
import type { GrantStore, GrantWrite } from "../../../lambda/ports/stores";
import type { Recovery } from "../../../lambda/ports/queues";
import { releaseLease } from "../../../lambda/use-cases/grant";
import { createSettle } from "../../../lambda/use-cases/settle";
import { createVirtualTime } from "../../support/virtual-time";

const down = new UnavailableError("store_unavailable");
const lease = { owner: "me", expiresAt: 17_000, takenOver: false };
const held: Grant = {
  ...{ sub: "sub", grantId: "grant", revision: 3, status: "active", since: 1 },
  ...{ lease, inbox: [], history: [] },
};
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
function createPatience(answers: readonly (GrantWrite | Error)[], options: PatienceOptions = {}) {
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
    ...{ grants: { read: () => Promise.reject(down), write }, clock: time, timer },
    random: { id: () => "id", fraction: () => options.fraction ?? 1 },
    recovery: options.recovery,
  };
  const settle = createSettle(dependencies, held, options.timeLeftMs ?? 100_000);
  return { settle, write, pauses, time };
}

const done: GrantWrite = { written: true, grant: { ...held, revision: 4 } };

test.each([
  [1, [50, 100, 200, 400, 800, 800]],
  [0, [25, 50, 100, 200, 400, 400]],
])("pauses double from 50 to 800 ms, less up to half of it (random %d)", async (fraction, all) => {
  const { settle, pauses } = createPatience([down, down, down, down, down, down, done], {
    fraction,
  });
  expect(await settle(releaseLease)).toBe(done);
  expect(pauses).toEqual(all);
});

test.each<[string, number, PatienceOptions]>([
  ["two seconds for the spill, where there is one", 2_000, { recovery }],
  ["half a second for the answer, where there is none", 500, {}],
])("leaves %s", async (_, reserveMs, options) => {
  // 50 and 100 ms fit in exactly; 200 more do not.
  const timeLeftMs = reserveMs + 150;
  const { settle, pauses, write } = createPatience([down], { ...options, timeLeftMs });
  await expect(settle(releaseLease)).rejects.toBe(down);
  expect(pauses).toEqual([50, 100]);
  expect(write).toHaveBeenCalledTimes(3);
});

test.each([
  [600 + 500, 2],
  [600 + 499, 1],
])("a store that hangs is expected to hang as long again (%d ms left)", async (left, attempts) => {
  // 275 ms for the first attempt, 50 ms of pause, 275 ms for the second one.
  const { settle, write } = createPatience([down, done], { timeLeftMs: left, tookMs: 275 });
  await settle(releaseLease).catch(() => undefined);
  expect(write).toHaveBeenCalledTimes(attempts);
});

test("what is no outage is told at once", async () => {
  const broken = new InternalError("bug");
  const { settle, pauses } = createPatience([broken]);
  await expect(settle(releaseLease)).rejects.toBe(broken);
  expect(pauses).toEqual([]);
});

test("a row that moved under the same lease is changed as it is now", async () => {
  const current = { ...held, revision: 5, frozenAt: 9 };
  const { settle, write } = createPatience([{ written: false, current }, done]);
  expect(await settle(releaseLease)).toBe(done);
  expect(write.mock.calls).toEqual([
    [{ ...held, lease: undefined }, 3],
    [{ ...current, lease: undefined }, 5],
  ]);
});

test("a row under another lease is left alone", async () => {
  const current = { ...held, revision: 5, lease: { ...lease, owner: "another" } };
  const moved: GrantWrite = { written: false, current };
  const { settle, write } = createPatience([moved]);
  expect(await settle(releaseLease)).toBe(moved);
  expect(write).toHaveBeenCalledTimes(1);
});
