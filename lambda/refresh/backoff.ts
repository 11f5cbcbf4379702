/** Pauses that double, and less jitter of up to half of each, so that callers come apart. */
import type { Pauses } from "../deadlines";
import type { Random } from "../ports/runtime";

export interface Backoff {
  /** The longest that this pause can take. */
  next(): number;
}

export function backoff({ first, max }: Pauses): Backoff {
  let following = first;
  return {
    next: () => {
      const pause = following;
      following = Math.min(following * 2, max);
      return pause;
    },
  };
}

/** [pause / 2, pause) */
export function jittered(pause: number, random: Pick<Random, "fraction">): number {
  return pause * (0.5 + random.fraction() / 2);
}
