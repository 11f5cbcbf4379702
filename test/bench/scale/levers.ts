/**
 * Each bottleneck and the setting that is said to move it, played twice: a few hundred people, each
 * an agent, whose jobs all ask at the full hour. All other limits are out of the way, so that what
 * is refused is refused by this one.
 */
import { sumOf } from "./analysis";
import type { Refuser } from "./meter";
import { DEFAULT_SCENARIO, type Scenario } from "./scenario";
import { simulate, type Simulated } from "./simulate";
import { rounded, table } from "./tables";

export interface Lever {
  readonly bottleneck: string;
  readonly setting: string;
  readonly before: number;
  readonly after: number;
  readonly play: (value: number) => Scenario;
  /** What it moves, and the number that shows it. */
  readonly measured: string;
  readonly measure: (simulated: Simulated) => number;
}

const PEOPLE = 80;
const LARGE = 1e12;
const MINUTES = 6;

/** No limit that is ever met. */
const CALM: Scenario = {
  ...DEFAULT_SCENARIO,
  users: PEOPLE,
  agents: PEOPLE,
  from: 14,
  hours: MINUTES / 60,
  outage: undefined,
  herd: { share: 1, seconds: DEFAULT_SCENARIO.herd.seconds },
  stage: { ...DEFAULT_SCENARIO.stage, throttle: { rate: LARGE, burst: LARGE } },
  provider: { ...DEFAULT_SCENARIO.provider, perSecond: LARGE },
  quotas: Object.fromEntries(
    Object.entries(DEFAULT_SCENARIO.quotas).map(([name, quota]) => [
      name,
      { ...quota, perSecond: LARGE, burst: LARGE, atOnce: LARGE },
    ]),
  ) as unknown as Scenario["quotas"],
};
/** The provider is down when the jobs ask. */
const TROUBLED: Scenario = {
  ...CALM,
  outage: { from: CALM.from, until: CALM.from + MINUTES / 2 / 60, kind: "timeout" },
};

const refusals = (by: Refuser) => ({
  measured: "refusals",
  measure: ({ minutes }: Simulated) => sumOf(minutes).refused[by] ?? 0,
});

function withQuota(
  scenario: Scenario,
  name: keyof Scenario["quotas"],
  limit: { readonly perSecond?: number; readonly burst?: number; readonly atOnce?: number },
): Scenario {
  const quota = { ...scenario.quotas[name], ...limit };
  return { ...scenario, quotas: { ...scenario.quotas, [name]: quota } };
}

/** A quota that Service Quotas raises. */
function raised(
  name: keyof Scenario["quotas"],
  by: Refuser,
  { before, after }: { readonly before: number; readonly after: number },
): Lever {
  const { title, code } = DEFAULT_SCENARIO.quotas[name];
  return {
    bottleneck: title,
    setting: code === null ? "the table's warm throughput" : `Service Quotas ${code}`,
    before,
    after,
    play: (perSecond) => withQuota(CALM, name, { perSecond, burst: perSecond, atOnce: perSecond }),
    ...refusals(by),
  };
}

const settings: readonly Lever[] = [
  {
    bottleneck: "the stage's throttle",
    setting: "`throttle.rate`",
    before: 2,
    after: 20,
    play: (rate) => ({
      ...CALM,
      stage: { ...CALM.stage, throttle: { rate, burst: 2 * rate } },
    }),
    ...refusals("stage throttle"),
  },
  {
    bottleneck: "the provider's limit",
    setting: "the provider's plan (token requests/s)",
    before: 2,
    after: 20,
    play: (perSecond) => ({ ...CALM, provider: { ...CALM.provider, perSecond } }),
    ...refusals("provider"),
  },
  {
    bottleneck: "the provider's limit",
    setting: "seconds that access tokens live",
    before: 300,
    after: 3_600,
    // Without the herd, whose tokens are always old: people who load pages for an hour.
    play: (lifetimeSeconds) => ({
      ...CALM,
      users: 5 * PEOPLE,
      agents: 5 * PEOPLE,
      hours: 1,
      herd: { ...CALM.herd, share: 0 },
      provider: { ...CALM.provider, lifetimeSeconds },
    }),
    measured: "token requests",
    measure: ({ minutes }) => sumOf(minutes).provider,
  },
  {
    bottleneck: "Lambda, new instances of one function",
    setting: "seconds over which jobs are spread",
    before: 20,
    after: 300,
    play: (seconds) => {
      const scenario = { ...CALM, herd: { share: 1, seconds } };
      return withQuota(scenario, "lambdaScaling", { perSecond: 0.02, burst: 1 });
    },
    ...refusals("lambdaScaling"),
  },
  {
    bottleneck: "DynamoDB, partitions of an index",
    setting: "`LIST_SHARDS` (lambda/store/grant-item.ts)",
    before: 2,
    after: 16,
    play: (indexPartitions) => ({
      ...withQuota(CALM, "partitionWrites", { perSecond: 3, burst: 3 }),
      provider: { ...CALM.provider, rotation: "grace" },
      indexPartitions,
    }),
    ...refusals("indexPartition"),
  },
  {
    bottleneck: "Lambda executions in an outage",
    setting: "`idp.tokenEndpointTimeoutMs`",
    before: 4_000,
    after: 1_000,
    play: (tokenEndpointTimeoutMs) => ({
      ...TROUBLED,
      stage: { ...TROUBLED.stage, tokenEndpointTimeoutMs },
    }),
    measured: "executions at once, at most",
    measure: ({ minutes }) => Math.max(...minutes.map(({ executions }) => executions)),
  },
  {
    bottleneck: "executions left for other functions in an outage",
    setting: "`reservedConcurrency`, access-token",
    before: 40,
    after: 10,
    play: (reservedConcurrency) => ({
      ...TROUBLED,
      stage: { ...TROUBLED.stage, reservedConcurrency },
    }),
    measured: "executions at once, at most",
    measure: ({ minutes }) => Math.max(...minutes.map(({ executions }) => executions)),
  },
  {
    bottleneck: "take-overs after an outage, rotating providers",
    setting: "`recoveryConcurrency`",
    before: 2,
    after: 30,
    // Three thousand people, whom one batch after the other serves when the provider is back.
    play: (recoveryConcurrency) => ({
      ...TROUBLED,
      users: 3_000,
      agents: 300,
      hours: 3 / 60,
      outage: { from: CALM.from, until: CALM.from + 1 / 60, kind: "timeout" },
      provider: { ...TROUBLED.provider, rotation: "grace" },
      stage: { ...TROUBLED.stage, recoveryConcurrency },
    }),
    measured: "messages a minute after its end",
    measure: ({ backlog }) => backlog[1] ?? 0,
  },
];

export const LEVERS: readonly Lever[] = [
  ...settings,
  raised("httpApi", "httpApi", { before: 2, after: 20 }),
  raised("lambdaConcurrency", "lambdaConcurrency", { before: 1, after: 20 }),
  raised("kms", "kms", { before: 4, after: 40 }),
  raised("tableWrites", "tableWrites", { before: 10, after: 100 }),
  raised("tableReads", "tableReads", { before: 5, after: 50 }),
];

export interface Moved extends Lever {
  readonly shown: readonly [before: number, after: number];
}

export async function move(lever: Lever): Promise<Moved> {
  const before = lever.measure(await simulate(lever.play(lever.before)));
  const after = lever.measure(await simulate(lever.play(lever.after)));
  return { ...lever, shown: [before, after] };
}

export function leverTable(moved: readonly Moved[]): string {
  return table(
    ["bottleneck", "setting", "before → after", "moves", "before → after"],
    moved.map(({ bottleneck, setting, before, after, measured, shown }) => [
      bottleneck,
      setting,
      `${rounded(before)} → ${rounded(after)}`,
      measured,
      `${rounded(shown[0])} → ${rounded(shown[1])}`,
    ]),
  );
}
