/**
 * When a grant that does nothing but fail is no outage any more (decision 0032). What one instance has seen has to do: a word in
 * the tables would cost every exchange a write. So it may come to know late, and is never wrong about an outage.
 */
import type { EpochMs } from "../model";
import type { Failing } from "./grant-cooldown";

export interface Patience {
  noteSuccess(sub: string, at: EpochMs): void;
  /** Whether it has failed for so long that somebody has to know. */
  isLong(failing: Failing, at: EpochMs): boolean;
  /** Whether the provider has served somebody else lately: this instance knows of one. */
  servesOthers(sub: string, at: EpochMs): boolean;
}

export const DEFAULT_FAILING_SECONDS = 6 * 3_600;
/** A grant that is seldom asked for has to fail as often. */
export const MIN_ATTEMPTS = 5;
/** A provider that served somebody so long ago may be down by now. */
export const LATELY_MS = 15 * 60_000;

/** @param afterSeconds how long a grant fails before anybody is told */
export function createPatience(afterSeconds = DEFAULT_FAILING_SECONDS): Patience {
  /** The latest, and the latest of another user. */
  let successes: readonly { readonly sub: string; readonly at: EpochMs }[] = [];

  return {
    noteSuccess(sub, at) {
      successes = [{ sub, at }, ...successes.filter((each) => each.sub !== sub)].slice(0, 2);
    },
    isLong: ({ since, attempts }, at) =>
      attempts >= MIN_ATTEMPTS && at - since >= afterSeconds * 1000,
    servesOthers: (sub, at) =>
      successes.some((each) => each.sub !== sub && at - each.at < LATELY_MS),
  };
}
