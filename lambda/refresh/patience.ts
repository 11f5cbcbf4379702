/**
 * When a grant that only fails is no outage any more (decision 0032). It judges by what this one
 * instance has seen: a counter in the table would cost every refresh a write. So it may find out
 * late, and never takes an outage for a broken grant.
 */
import type { Failing } from "../grant/cooldown";
import type { EpochMs } from "../model";

export interface Patience {
  noteSuccess(sub: string, at: EpochMs): void;
  /** Whether it has failed for so long that its user or the operator has to know. */
  isLong(failing: Failing, at: EpochMs): boolean;
  /** Whether this instance knows of another user whom the provider has served lately. */
  servesOthers(sub: string, at: EpochMs): boolean;
}

export const DEFAULT_FAILING_SECONDS = 6 * 3_600;
/** Also a grant that is seldom asked for has to fail this often. */
export const MIN_ATTEMPTS = 5;
/** A provider that served another user longer ago may be down by now. */
export const LATELY_MS = 15 * 60_000;

interface Success {
  readonly sub: string;
  readonly at: EpochMs;
}

/** @param afterSeconds how long a grant fails before its user is told */
export function createPatience(afterSeconds = DEFAULT_FAILING_SECONDS): Patience {
  let latest: Success | undefined;
  /** The latest of another user than that one. */
  let other: Success | undefined;

  return {
    noteSuccess: (sub, at) => {
      if (latest?.sub !== sub) {
        other = latest;
      }
      latest = { sub, at };
    },
    isLong: ({ since, attempts }, at) =>
      attempts >= MIN_ATTEMPTS && at - since >= afterSeconds * 1000,
    servesOthers: (sub, at) => {
      const success = latest?.sub === sub ? other : latest;
      return at - (success?.at ?? -Infinity) < LATELY_MS;
    },
  };
}
