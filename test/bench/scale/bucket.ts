/** A quota as a token bucket, shared out among agents who each stand for many people. */
import type { Clock } from "../../../lambda/ports/runtime";

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Bucket {
  /**
   * What is asked for may exceed what is there, and is owed then: the mean rate is kept although
   * one agent asks for many people at once.
   */
  take(amount: number): boolean;
}

export function createBucket({ perSecond, burst }: Rate, clock: Clock): Bucket {
  let tokens = burst;
  let filledAt = clock.now();

  return {
    take: (amount) => {
      const now = clock.now();
      tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * perSecond);
      filledAt = now;
      if (tokens <= 0) {
        return false;
      }
      tokens -= amount;
      return true;
    },
  };
}
