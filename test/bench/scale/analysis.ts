/** What an outage did: the same day with it and without it, compared. */
import { HOUR_MS } from "./demand";
import { type Minute, type Refuser, REFUSERS } from "./meter";
import type { Scenario } from "./scenario";

export interface Sums {
  readonly requests: number;
  readonly kept: number;
  readonly exchanged: number;
  readonly tokens: number;
  readonly waited: number;
  readonly paced: number;
  readonly provider: number;
  readonly gaveUp: number;
  readonly usd: number;
  readonly refused: Readonly<Partial<Record<Refuser, number>>>;
}

export interface Effect {
  /** In the outage, and in the hour after it, beyond a day without one. */
  readonly during: Sums;
  readonly after: Sums;
  /** Of the same hours of the day without an outage. */
  readonly usual: { readonly during: Sums; readonly after: Sums };
  /** Minutes from its end until as few people wait for a token as on a day without one. */
  readonly normalAfter: number | undefined;
  /** Token requests in the busiest minute after the end, and on a day without an outage. */
  readonly providerPeak: { readonly with: number; readonly without: number };
}

/** For so many minutes on end it has to look normal. */
const STEADY_MINUTES = 5;

export function sumOf(minutes: readonly Minute[]): Sums {
  const sum = (of: (minute: Minute) => number) =>
    minutes.reduce((total, minute) => total + of(minute), 0);
  const refused: Partial<Record<Refuser, number>> = {};
  for (const by of REFUSERS) {
    const total = sum((minute) => minute.refused[by] ?? 0);
    if (total > 0) {
      refused[by] = total;
    }
  }
  return {
    requests: sum(({ requests }) => requests),
    kept: sum(({ kept }) => kept),
    exchanged: sum(({ exchanged }) => exchanged),
    tokens: sum(({ tokens }) => tokens),
    waited: sum(({ waited }) => waited),
    paced: sum(({ paced }) => paced),
    provider: sum(({ provider }) => provider),
    gaveUp: sum(({ gaveUp }) => gaveUp),
    usd: sum(({ usd }) => usd),
    refused,
  };
}

/** @returns undefined where the scenario has no outage */
export function effectOf(
  scenario: Scenario,
  disturbed: readonly Minute[],
  usual: readonly Minute[],
): Effect | undefined {
  const { outage, from } = scenario;
  if (outage === undefined) {
    return undefined;
  }
  const begin = (outage.from - from) * 60;
  const end = (outage.until - from) * 60;
  const after = end + 60;
  const isNormal = (minute: number): boolean => {
    const limit = usual[minute]?.without ?? 0;
    return (disturbed[minute]?.without ?? 0) <= limit;
  };
  const isSteady = (minute: number) =>
    Array.from({ length: STEADY_MINUTES }, (_, more) => minute + more).every(isNormal);
  const candidates = Array.from({ length: Math.max(0, disturbed.length - end) }, (_, at) => at);
  const peak = (minutes: readonly Minute[]) =>
    Math.max(0, ...minutes.slice(end, after).map(({ provider }) => provider));
  return {
    during: sumOf(disturbed.slice(begin, end)),
    after: sumOf(disturbed.slice(end, after)),
    usual: { during: sumOf(usual.slice(begin, end)), after: sumOf(usual.slice(end, after)) },
    normalAfter: candidates.find((at) => isSteady(end + at)),
    providerPeak: { with: peak(disturbed), without: peak(usual) },
  };
}

/** The hour of the day of a minute, e.g. 13.5. */
export function hourOf({ at }: Pick<Minute, "at">): number {
  return (at % (24 * HOUR_MS)) / HOUR_MS;
}
