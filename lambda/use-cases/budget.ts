/**
 * Limits how often a key (a user, a network) may do what costs others something: one token bucket
 * per key, in the memory of one instance. A full bucket holds a minute's worth; it refills evenly.
 *
 * Invariant: within any minute a key takes at most twice `perMinute`, and in the long run
 * `perMinute` a minute. Memory is bounded: beyond `maxKeys`, the key that was unused for longest
 * starts anew.
 */
import type { EpochMs } from "../model";
import type { Clock } from "../ports/runtime";

export interface Budget {
  /**
   * Takes one.
   * @returns undefined; where none is left, the whole seconds until there is one
   */
  take(key: string): number | undefined;
  /** Returns one, for work that cost nothing after all. */
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
  /** In the order of last use, the oldest first. */
  const buckets = new Map<string, Bucket>();

  /** A clock that was set back neither refills nor empties a bucket. */
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
 * Gives each key its own budget, and all keys a common one. A key whose own budget is empty takes
 * nothing from the common one.
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
