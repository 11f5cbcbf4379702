/** Writing the end of an exchange: as often as it takes, and only while the lease is ours. */
import { UnavailableError } from "../errors";
import type { EpochMs, Grant } from "../model";
import type { Clock, Random, Timer } from "../ports/runtime";
import type { GrantStore, GrantWrite } from "../ports/stores";
import type { Recovery } from "../ports/queues";
import { holdsLease } from "./grant";

/** Applies `change` to the row; `written: false` means that the lease is no longer ours, with the row as it is now. */
export type Settle = (change: (grant: Grant) => Grant) => Promise<GrantWrite>;

export interface SettleDependencies {
  readonly grants: GrantStore;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: Random;
  /** Where there is one, what cannot be written in time is spilled. */
  readonly recovery: Recovery | undefined;
}

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 800;
/** Left of the function's time when retrying ends, so that there is always an answer. */
export const ANSWER_RESERVE_MS = 500;
/** The same where the successor has to be spilled before. */
const SPILL_RESERVE_MS = 2_000;

/** Invariant: between the provider's answer and its durable write there is nothing but this loop. */
export function createSettle(
  dependencies: SettleDependencies,
  held: Grant,
  deadline: EpochMs,
): Settle {
  const { grants, clock, timer, random, recovery } = dependencies;
  const reserve = recovery === undefined ? ANSWER_RESERVE_MS : SPILL_RESERVE_MS;

  async function writePatiently(next: Grant, expected: number): Promise<GrantWrite> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
      const begunAt = clock.now();
      try {
        return await grants.write(next, expected);
      } catch (error) {
        // A store that hangs is expected to hang as long again.
        const took = clock.now() - begunAt;
        const isOver = clock.now() + pause + took > deadline - reserve;
        if (isOver || !(error instanceof UnavailableError)) {
          throw error;
        }
        await timer.sleep(pause * (0.5 + random.fraction() / 2));
      }
    }
  }

  return async (change) => {
    let row = held;
    for (;;) {
      const result = await writePatiently(change(row), row.revision);
      if (result.written || !holdsLease(result.current, held)) {
        return result;
      }
      row = result.current;
    }
  };
}
