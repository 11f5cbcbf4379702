/** What the last `npm run simulate -- --write` found, and the part of docs/scale.md it makes. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Rotation } from "../../../lambda/grant/grant";
import type { Effect, Sums } from "./analysis";
import { DEFAULT_SCENARIO, type Scenario } from "./scenario";
import { rounded, table } from "./tables";

export interface Result {
  readonly rotation: Rotation;
  readonly tokenEndpointTimeoutMs: number;
  readonly effect: Effect;
}

export interface Results {
  /** What was played; the results are of no use for another one. */
  readonly scenario: unknown;
  readonly played: readonly Result[];
}

/** An hour before the outage until two after it. */
const AROUND = { from: 12, hours: 4 };
const FILE = join(__dirname, "results.json");

export function readResults(): Results {
  return JSON.parse(readFileSync(FILE, "utf8")) as Results;
}

export function writeResults(results: Results): void {
  writeFileSync(FILE, `${JSON.stringify(results, undefined, 2)}\n`);
}

/** The numbers of a scenario, without the words about its quotas. */
export function numbersOf({ quotas, ...scenario }: Scenario): unknown {
  const numbers = Object.entries(quotas).map(([name, { perSecond, burst, atOnce }]) => [
    name,
    { perSecond, burst, atOnce },
  ]);
  const plain: unknown = JSON.parse(
    JSON.stringify({ ...scenario, quotas: Object.fromEntries(numbers) as unknown }),
  );
  return plain;
}

/** What the document shows: a whole day, and the hours around the outage for other settings. */
export function documented(): readonly Scenario[] {
  const { stage, provider } = DEFAULT_SCENARIO;
  return [
    DEFAULT_SCENARIO,
    { ...DEFAULT_SCENARIO, ...AROUND, stage: { ...stage, tokenEndpointTimeoutMs: 1_000 } },
    { ...DEFAULT_SCENARIO, ...AROUND, provider: { ...provider, rotation: "grace" } },
  ];
}

export function resultTable({ played }: Results): string {
  const row = (name: string, of: (effect: Effect) => string) => [
    name,
    ...played.map(({ effect }) => of(effect)),
  ];
  const counts = (name: string, of: (sums: Sums) => number) => [
    row(`in the outage: ${name}`, ({ during, usual }) => pair(of(during), of(usual.during))),
    row(`in the hour after: ${name}`, ({ after, usual }) => pair(of(after), of(usual.after))),
  ];
  const head = played.map(
    ({ rotation, tokenEndpointTimeoutMs }) =>
      `rotation ${rotation}, ${String(tokenEndpointTimeoutMs / 1000)} s`,
  );
  return table(
    ["a million users (a day without an outage)", ...head],
    [
      ...counts("calls", ({ requests }) => requests),
      ...counts("token requests", ({ provider }) => provider),
      ...counts("of these with tokens", ({ tokens }) => tokens),
      ...counts("people who gave up", ({ gaveUp }) => gaveUp),
      row("refused by Lambda's executions", ({ during }) =>
        rounded(during.refused.lambdaConcurrency ?? 0),
      ),
      row("refused by the stage's throttle", ({ during }) =>
        rounded(during.refused["stage throttle"] ?? 0),
      ),
      row("busiest minute after: token requests/s", ({ providerPeak }) =>
        pair(providerPeak.with / 60, providerPeak.without / 60),
      ),
      row("normal again after", ({ normalAfter }) =>
        normalAfter === undefined ? "not on that day" : `${String(normalAfter)} min`,
      ),
      row("the end: extra refreshes", ({ after, usual }) =>
        rounded(after.tokens - usual.after.tokens),
      ),
      row("the end: extra dollars", ({ after, usual }) => dollars(after.usd - usual.after.usd)),
      row("the outage itself: extra dollars", ({ during, usual }) =>
        dollars(during.usd - usual.during.usd),
      ),
    ],
    played.map((_, at) => at + 1),
  );
}

function pair(value: number, usual: number): string {
  return `${rounded(value)} (${rounded(usual)})`;
}

function dollars(usd: number): string {
  return `${usd < 0 ? "-" : ""}$${Math.abs(usd).toFixed(2)}`;
}
