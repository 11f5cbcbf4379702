/** Pauses that double, and less jitter of up to half of each, so that callers come apart. */
import type { Pauses } from "../deadlines";
import type { Random } from "../ports";

/** The longest that the pause after `before` earlier ones can take. */
export function backoff({ first, max }: Pauses, before: number): number {
  return Math.min(first * 2 ** before, max);
}

/** [pause / 2, pause) */
export function jittered(pause: number, random: Pick<Random, "fraction">): number {
  return pause * (0.5 + random.fraction() / 2);
}
