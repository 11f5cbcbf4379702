/** What happened in each minute, and what it cost. Counts are of people, not of agents. */
import type { EpochMs } from "../../../lambda/model";
import type { Clock } from "../../../lambda/ports/runtime";
import type { Item, Prices } from "../cost/bill";

/** Who refuses: a quota, the stage, or the provider. */
export type Refuser =
  | "stage throttle"
  | "httpApi"
  | "lambdaConcurrency"
  | "reservedConcurrency"
  | "lambdaScaling"
  | "kms"
  | "tableWrites"
  | "tableReads"
  | "indexPartition"
  | "secrets"
  | "provider";

export const REFUSERS: readonly Refuser[] = [
  "stage throttle",
  "httpApi",
  "lambdaConcurrency",
  "reservedConcurrency",
  "lambdaScaling",
  "kms",
  "tableWrites",
  "tableReads",
  "indexPartition",
  "secrets",
  "provider",
];

export interface Minute {
  /** Epoch milliseconds. */
  readonly at: EpochMs;
  /** Calls of `POST /me/access-token` that reached API Gateway, retries included. */
  requests: number;
  kept: number;
  /** Calls for which a kept token was not good enough, and which got one. */
  exchanged: number;
  /** Token requests that brought tokens. */
  tokens: number;
  signIns: number;
  /** Calls that were let in to wait for another caller's refresh, or for a take-over. */
  waited: number;
  /** 503 because the grant is cooling down or leased: the pacing at work. */
  paced: number;
  readonly refused: Partial<Record<Refuser, number>>;
  /** Token requests that reached the provider, those that it refused included. */
  provider: number;
  /** Executions at once, at most. */
  executions: number;
  /** People who have asked, have no token and still want one, at most. */
  without: number;
  /** People who stopped asking. */
  gaveUp: number;
  /** US dollars: requests, executions, units, KMS and logs. */
  usd: number;
}

/** Numbers of a minute that are counts. */
type Count = Exclude<keyof Minute, "at" | "refused" | "executions" | "without" | "usd">;

export interface Meter {
  readonly minutes: readonly Minute[];
  count(what: Count): void;
  refused(by: Refuser): void;
  level(what: "executions" | "without", value: number): void;
  bill(item: Item, amount: number): void;
}

const MINUTE_MS = 60_000;

/** @param weight people for whom one agent stands */
export function createMeter(clock: Clock, weight: number, prices: Prices): Meter {
  const begin = clock.now();
  const minutes: Minute[] = [];
  /** What a new minute starts with. */
  const levels = { executions: 0, without: 0 };

  function minute(): Minute {
    const index = Math.floor((clock.now() - begin) / MINUTE_MS);
    while (minutes.length <= index) {
      minutes.push(emptyMinute(begin + minutes.length * MINUTE_MS, levels));
    }
    return minutes[index] as Minute;
  }

  return {
    minutes,
    count: (what) => {
      minute()[what] += weight;
    },
    refused: (by) => {
      const { refused } = minute();
      refused[by] = (refused[by] ?? 0) + weight;
    },
    level: (what, value) => {
      const current = minute();
      levels[what] = value * weight;
      current[what] = Math.max(current[what], levels[what]);
    },
    bill: (item, amount) => {
      const { usd, per } = prices[item];
      minute().usd += (amount / per) * usd * weight;
    },
  };
}

function emptyMinute(at: EpochMs, levels: Pick<Minute, "executions" | "without">): Minute {
  const counts = { requests: 0, kept: 0, exchanged: 0, tokens: 0, signIns: 0, waited: 0, paced: 0 };
  return { at, ...counts, refused: {}, provider: 0, gaveUp: 0, usd: 0, ...levels };
}
