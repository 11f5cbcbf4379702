/**
 * How often somebody may do what costs others something, in the memory of one instance: a token
 * bucket per key. Full it holds a minute's worth; it fills up evenly.
 *
 * Invariant: within any minute a key takes at most twice `perMinute`, and in the long run
 * `perMinute` a minute. Memory is bounded: of more keys than `maxKeys` the one that was not used
 * for longest begins anew.
 */
import type { EpochMs } from "../model";
import type { Clock } from "../ports/runtime";

export interface Budget {
  /** Takes one. @returns undefined, or where there is none left: seconds until there is */
  take(key: string): number | undefined;
  /** What was taken last has cost nothing after all. */
  giveBack(key: string): void;
}

export interface BudgetOptions {
  readonly perMinute: number;
  readonly clock: Clock;
  /** @default 10,000: a megabyte or two */
  readonly maxKeys?: number;
}

interface Bucket {
  readonly left: number;
  readonly at: EpochMs;
}

const MINUTE_MS = 60_000;
const MAX_KEYS = 10_000;

export function createBudget({ perMinute, clock, maxKeys = MAX_KEYS }: BudgetOptions): Budget {
  /** In the order of their last use. */
  const buckets = new Map<string, Bucket>();

  /** A clock that was set back fills nothing, and takes nothing away. */
  function leftOf(key: string, now: EpochMs): number {
    const { left, at } = buckets.get(key) ?? { left: perMinute, at: now };
    const filled = (Math.max(0, now - at) / MINUTE_MS) * perMinute;
    return Math.min(perMinute, left + filled);
  }

  function put(key: string, bucket: Bucket): void {
    buckets.delete(key);
    buckets.set(key, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > maxKeys && oldest !== undefined) {
      buckets.delete(oldest);
    }
  }

  return {
    take: (key) => {
      const now = clock.now();
      const left = leftOf(key, now);
      const isEnough = left >= 1;
      put(key, { left: isEnough ? left - 1 : left, at: now });
      return isEnough ? undefined : Math.ceil((((1 - left) / perMinute) * MINUTE_MS) / 1000);
    },
    giveBack: (key) => {
      const now = clock.now();
      put(key, { left: Math.min(perMinute, leftOf(key, now) + 1), at: now });
    },
  };
}

/**
 * Each key has a budget of its own, and all together have one. Who has nothing left takes nothing
 * from the others.
 */
export function createSharedBudget(own: Budget, common: Budget): Budget {
  return {
    take: (key) => {
      const wait = own.take(key);
      if (wait !== undefined) {
        return wait;
      }
      const commonWait = common.take("");
      if (commonWait !== undefined) {
        own.giveBack(key);
      }
      return commonWait;
    },
    giveBack: (key) => {
      own.giveBack(key);
      common.giveBack("");
    },
  };
}
