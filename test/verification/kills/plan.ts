/** The kills of a run: the same for the same seed, also when it is resumed. */
import { type Case, type CaseResult, isToRepeat } from "./case";
import { CALLERS, type Callers, isReachable, POINTS } from "./points";
import { PROVIDER_NAMES, type ProviderName } from "./providers/provider";

/** Shares of a hundred cases; 64 callers cost as much as fifty others. */
const SHARES: Readonly<Record<Callers, number>> = { 1: 56, 2: 29, 8: 13, 64: 2 };

const CROWDS = CALLERS.flatMap((count) => Array<Callers>(SHARES[count]).fill(count));

export interface PlanOptions {
  readonly provider: ProviderName;
  /** Of all providers together. */
  readonly kills: number;
  readonly seed: number;
}

/**
 * `crowds`: the cases with the most callers. `small`: the others. `late`: repetitions of what was
 * late beside others.
 */
export type Part = "small" | "crowds" | "late";

const CROWD = Math.max(...CALLERS);

/** @param results the newest result of each case */
export function casesLeft(
  plan: PlanOptions & { readonly part: Part },
  results: readonly CaseResult[],
): Case[] {
  const played = new Map(results.map((result) => [result.index, result]));
  return planCases(plan).filter((which) => partOf(which, played.get(which.index)) === plan.part);
}

/** @returns undefined when all is done */
function partOf({ callers }: Case, result: CaseResult | undefined): Part | undefined {
  if (result === undefined) {
    return callers === CROWD ? "crowds" : "small";
  }
  return isToRepeat(result) ? "late" : undefined;
}

/**
 * Every point once before any comes again, callers by their shares, in an order that the seed
 * determines.
 */
export function planCases({ provider, kills, seed }: PlanOptions): Case[] {
  const random = createRandom(seed + PROVIDER_NAMES.indexOf(provider));
  const points = POINTS.map(({ name }) => name)
    .filter((point) => isReachable(provider, point))
    .map((point) => ({ point, crowds: shuffle(CROWDS, random) }));
  const cells = CROWDS.flatMap((_, turn) =>
    shuffle(points, random).map(({ point, crowds }) => ({ point, callers: crowds[turn] ?? 1 })),
  );
  return Array.from({ length: shareOf(provider, kills) }, (_, index) => {
    const { point, callers } = cells[index % cells.length] ?? noPoint();
    return { index, point, callers };
  });
}

/** The first ones get the remainder. */
function shareOf(provider: ProviderName, kills: number): number {
  const count = PROVIDER_NAMES.length;
  const isFirst = PROVIDER_NAMES.indexOf(provider) < kills % count;
  return Math.floor(kills / count) + (isFirst ? 1 : 0);
}

function noPoint(): never {
  throw new Error("no kill point is reachable");
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

/** mulberry32: enough to mix an order, and the same on every machine. */
function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
