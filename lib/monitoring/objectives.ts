/**
 * Service levels, and how fast their error budgets burn (Google, "The Site Reliability Workbook",
 * chapter 5: multi-window, multi-burn-rate alerts). An alarm of two windows: the long one says that
 * it matters, the short one that it has not ended.
 */
import { Duration } from "aws-cdk-lib";
import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import type { OwnMetrics } from "./own-metrics";

export interface Objective {
  /** Beginning of the names of its alarms. */
  readonly name: string;
  readonly title: string;
  /** Share of the requests that are served. */
  readonly target: number;
  readonly good: (metrics: OwnMetrics, period: Duration) => ReturnType<OwnMetrics["outcome"]>;
  readonly bad: (metrics: OwnMetrics, period: Duration) => ReturnType<OwnMetrics["outcome"]>;
}

/**
 * What callers and the provider cause is in none of them: a request that is refused, a user who has
 * to sign in, a provider that is down.
 */
export const OBJECTIVES: readonly Objective[] = [
  {
    name: "KeptTokens",
    title: "kept access tokens",
    target: 0.999,
    good: (metrics, period) => metrics.routeOutcome("POST /me/access-token", "kept", period),
    bad: (metrics, period) => metrics.routeOutcome("POST /me/access-token", "our_fault", period),
  },
  {
    name: "Exchanges",
    title: "exchanges while the provider is up",
    target: 0.995,
    good: (metrics, period) => metrics.outcome("exchanged", period),
    bad: (metrics, period) => metrics.outcome("exchange_fault", period),
  },
  {
    name: "SignIns",
    title: "sign-ins while the provider is up",
    target: 0.995,
    good: (metrics, period) => metrics.routeOutcome("POST /sessions", "ok", period),
    bad: (metrics, period) => metrics.routeOutcome("POST /sessions", "our_fault", period),
  },
];

export interface BurnRate {
  readonly name: "BurnFast" | "BurnSlow";
  /** Times the rate that uses the budget of 30 days up in 30 days. */
  readonly rate: number;
  readonly long: Duration;
  readonly short: Duration;
  /** What it uses up of the budget before it fires. */
  readonly share: string;
}

export const BURN_RATES: readonly BurnRate[] = [
  {
    name: "BurnFast",
    rate: 14.4,
    long: Duration.hours(1),
    short: Duration.minutes(5),
    share: "2 % in an hour",
  },
  {
    name: "BurnSlow",
    rate: 6,
    long: Duration.hours(6),
    short: Duration.minutes(30),
    share: "5 % in six hours",
  },
];

/** Fewer failures are no trend, however few requests there are. */
const LEAST_FAILURES = 3;

/** 1: the budget lasts just as long as it has to. */
function burnRate(
  { good, bad, target }: Objective,
  metrics: OwnMetrics,
  { period, least }: { readonly period: Duration; readonly least: number },
): MathExpression {
  const budget = String(Number((1 - target).toFixed(6)));
  const share = `FILL(bad, 0) / (FILL(good, 0) + FILL(bad, 0))`;
  return new MathExpression({
    label: "burn rate",
    expression: `IF(FILL(bad, 0) >= ${String(least)}, ${share} / ${budget}, 0)`,
    usingMetrics: { good: good(metrics, period), bad: bad(metrics, period) },
    period,
  });
}

export function longBurn(objective: Objective, metrics: OwnMetrics, rate: BurnRate) {
  return burnRate(objective, metrics, { period: rate.long, least: LEAST_FAILURES });
}

export function shortBurn(objective: Objective, metrics: OwnMetrics, rate: BurnRate) {
  return burnRate(objective, metrics, { period: rate.short, least: 1 });
}

/** In percent; nothing where nobody asked. */
export function availability(
  { name, title, good, bad }: Objective,
  metrics: OwnMetrics,
  period: Duration,
): MathExpression {
  return new MathExpression({
    label: title,
    expression: `100 * FILL(good${name}, 0) / (FILL(good${name}, 0) + FILL(bad${name}, 0))`,
    usingMetrics: { [`good${name}`]: good(metrics, period), [`bad${name}`]: bad(metrics, period) },
    period,
  });
}
