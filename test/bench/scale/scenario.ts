/** What is simulated: people, quotas, the stage's settings, the provider. */
import type { Rotation } from "../../../lambda/grant/grant";
import { DEFAULT_LIMITS, type Limits } from "../../../lambda/limits";
import { LIST_SHARDS } from "../../../lambda/store/grant-item";
import { DEFAULT_TIME_LIMITS } from "../../../lambda/time-limits";
import type { StageConfig } from "../../../lib/stage";
import { type Quota, type QuotaName, readQuotas } from "../cost/quotas";
import { DAY } from "./demand";

export interface Outage {
  /** Hours of the day. */
  readonly from: number;
  readonly until: number;
  /**
   * `timeout`: no answer, so each attempt takes all of `idp.tokenEndpointTimeoutMs`.
   * `refused`: 503 at once.
   */
  readonly kind: "timeout" | "refused";
}

export interface Scenario {
  readonly seed: number;
  readonly users: number;
  /** How many of them are played; each stands for `users / agents` people. */
  readonly agents: number;
  /** Hours of the day. */
  readonly from: number;
  readonly hours: number;
  readonly outage: Outage | undefined;
  readonly stage: Pick<StageConfig, "throttle" | "recoveryConcurrency"> & {
    /** Of the access-token function. */
    readonly reservedConcurrency?: number;
    readonly tokenEndpointTimeoutMs: number;
    readonly limits: Limits;
  };
  readonly provider: {
    /** Token requests; more get 429 with `Retry-After: 1`. */
    readonly perSecond: number;
    readonly rotation: Rotation;
    /** Seconds that an access token lives. */
    readonly lifetimeSeconds: number;
  };
  readonly quotas: Readonly<Record<QuotaName, Quota>>;
  /** Of the table's indexes (`LIST_SHARDS`). */
  readonly indexPartitions: number;
  /** Jobs at each full hour: of which share of all people, spread over how many seconds. */
  readonly herd: { readonly share: number; readonly seconds: number };
}

/** The throttle and the provider's limit are what a stage of this size would have to ask for. */
export const DEFAULT_SCENARIO: Scenario = {
  seed: 1,
  users: 1_000_000,
  agents: 10_000,
  from: 0,
  hours: 24,
  outage: { from: 13, until: 14, kind: "timeout" },
  stage: {
    throttle: { rate: 2_000, burst: 4_000 },
    recoveryConcurrency: 10,
    tokenEndpointTimeoutMs: DEFAULT_TIME_LIMITS.tokenEndpointTimeoutMs,
    limits: DEFAULT_LIMITS,
  },
  provider: { perSecond: 500, rotation: "none", lifetimeSeconds: 3_600 },
  quotas: readQuotas().items,
  indexPartitions: LIST_SHARDS,
  herd: { share: DAY.herdShare, seconds: DAY.herdSeconds },
};

/** People for whom one agent stands. */
export function weightOf({ users, agents }: Scenario): number {
  return users / agents;
}

/** Where less than a day is played, the outage's beginning is a third of it. */
export function startFor(hours: number, outage: Outage | undefined): number {
  return hours >= 24 || outage === undefined
    ? 0
    : Math.max(0, outage.from - Math.max(1, Math.floor(hours / 3)));
}
