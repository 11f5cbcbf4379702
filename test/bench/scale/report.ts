/** What `npm run simulate` prints. */
import { limitOf, type QuotaName } from "../cost/quotas";
import type { Effect } from "./analysis";
import { type Minute, REFUSERS } from "./meter";
import { type Scenario, weightOf } from "./scenario";
import { rounded } from "./tables";

/** Quotas that have a bucket. */
const PLAYED: readonly QuotaName[] = [
  "httpApi",
  "lambdaConcurrency",
  "lambdaScaling",
  "kms",
  "tableWrites",
  "tableReads",
  "partitionWrites",
  "secrets",
];
/** Above this share of a quota for one agent, the result says little about that quota. */
const COARSE = 0.1;

/** Warnings: too few agents for so many people. */
export function coarseQuotas(scenario: Scenario): readonly string[] {
  const weight = weightOf(scenario);
  return PLAYED.map((name) => scenario.quotas[name])
    .filter((quota) => weight / limitOf(quota) > COARSE)
    .map(
      ({ title }) =>
        `! one agent is ${String(Math.round(weight))} people, too coarse for "${title}": more --agents`,
    );
}

const HEAD = ["time", "calls", "kept", "refresh", "wait", "paced", "provider", "execs", "no token"];
const WIDTH = 9;

export function minuteLines(minutes: readonly Minute[], every: number): readonly string[] {
  const line = (cells: readonly string[]) => cells.map((cell) => cell.padStart(WIDTH)).join("");
  return [
    `${line(HEAD)}  refused by`,
    ...minutes
      .filter((_, at) => at % every === 0)
      .map((minute) => {
        const { at, requests, kept, exchanged, waited, paced, provider } = minute;
        const numbers = [requests, kept, exchanged, waited, paced, provider];
        const levels = [minute.executions, minute.without];
        const cells = [...numbers, ...levels].map((value) => rounded(value));
        const time = new Date(at).toISOString().slice(11, 16);
        return `${line([time, ...cells])}  ${refusedBy(minute)}`;
      }),
  ];
}

function refusedBy({ refused }: Minute): string {
  return REFUSERS.flatMap((by) =>
    refused[by] === undefined ? [] : [`${by} ${rounded(refused[by])}`],
  ).join(", ");
}

export function effectLines({
  after,
  during,
  usual,
  normalAfter,
  providerPeak,
}: Effect): readonly string[] {
  const extra = (one: number, other: number) => rounded(one - other);
  const usd = (value: number) => `$${value.toFixed(2)}`;
  return [
    "",
    `in the outage: ${extra(during.requests, usual.during.requests)} calls more, ` +
      `${extra(during.provider, usual.during.provider)} token requests more, ` +
      `${rounded(during.gaveUp)} people gave up, ${usd(during.usd - usual.during.usd)} more`,
    `its end costs ${extra(after.tokens, usual.after.tokens)} refreshes and ` +
      `${usd(after.usd - usual.after.usd)} more than that hour does on other days; ` +
      `at most ${rounded(providerPeak.with / 60)} token requests a second ` +
      `(${rounded(providerPeak.without / 60)} on other days)`,
    normalAfter === undefined
      ? "it did not become normal again"
      : `normal again after ${String(normalAfter)} minutes`,
  ];
}
