/** Medians and how sure they are. Pure: the same rounds give the same intervals. */
import { seeded } from "../support/seeded";

export interface Interval {
  readonly median: number;
  /** The median is between `low` and `high`, as far as the rounds can tell. */
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2_000;
const CONFIDENCE = 0.95;

/** @throws Error for no values: a figure of nothing would look like one */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) {
    throw new Error("no rounds were measured");
  }
  return below + (above - below) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The 95 % interval of the median by the bootstrap: medians of rounds drawn again and again. */
export function intervalOf(values: readonly number[], seed = 1): Interval {
  const random = seeded(seed);
  const draw = () => values[Math.floor(random() * values.length)] ?? NaN;
  const medians = Array.from({ length: RESAMPLES }, () => median(values.map(draw)));
  const tail = (1 - CONFIDENCE) / 2;
  return {
    median: median(values),
    low: quantile(medians, tail),
    high: quantile(medians, 1 - tail),
  };
}

/**
 * How many times as much the one takes as the other, round by round: what disturbs a whole round
 * disturbs both.
 * @throws Error where there are not as many rounds of the one as of the other
 */
export function ratioOf(one: readonly number[], other: readonly number[]): Interval {
  if (one.length !== other.length) {
    throw new Error(`${one.length} rounds beside ${other.length}`);
  }
  return intervalOf(one.map((value, round) => value / (other[round] ?? NaN)));
}
