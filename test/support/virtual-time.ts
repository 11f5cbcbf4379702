import { setImmediate as nextTurn } from "node:timers/promises";
import type { EpochMs } from "../../lambda/model";
import type { Clock, Timer } from "../../lambda/ports";

interface Sleeper {
  readonly at: EpochMs;
  readonly wake: () => void;
}

/**
 * A clock that moves only when everybody sleeps: concurrency over minutes, in no time, always in
 * the same order.
 */
export interface VirtualTime extends Clock, Timer {
  advance(milliseconds: number): void;
  /**
   * Runs until `work` has settled, waking sleepers in the order of their time.
   * @param step does one thing that waits to be done, and says whether there was one: sleepers wake
   *   only when there is none
   */
  run<T>(work: Promise<T>, step?: () => Promise<boolean>): Promise<T>;
}

/** Turns of the event loop after which in-memory ports have nothing left to do. */
const QUIET_TURNS = 3;

export function createVirtualTime(start: EpochMs = Date.UTC(2026, 0, 1)): VirtualTime {
  let now = start;
  const sleepers: Sleeper[] = [];

  async function quiet(): Promise<void> {
    for (let turn = 0; turn < QUIET_TURNS; turn += 1) {
      await nextTurn();
    }
  }

  function wakeNext(): void {
    sleepers.sort((a, b) => a.at - b.at);
    const next = sleepers.shift();
    if (next === undefined) {
      throw new Error("everybody waits and nobody sleeps: deadlock");
    }
    now = Math.max(now, next.at);
    next.wake();
  }

  return {
    now: () => now,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        sleepers.push({ at: now + milliseconds, wake: resolve });
      }),
    run: async (work, step = () => Promise.resolve(false)) => {
      const state = { isSettled: false };
      const settled = work.finally(() => {
        state.isSettled = true;
      });
      settled.catch(() => undefined);
      for (;;) {
        await quiet();
        if (state.isSettled) {
          return await settled;
        }
        if (!(await step())) {
          wakeNext();
        }
      }
    },
  };
}
