/**
 * The alarms as data. Each names an article of docs/runbook.md by its own name. Tuned against
 * flapping: what a person has to do something about fires at its first line, and is over five
 * minutes after its last one; what heals by itself has to last for three minutes of five.
 */
import type { Duration } from "aws-cdk-lib";
import {
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { ErrorReason } from "../../lambda/errors";
import type { LogEvent } from "../../lambda/ports/runtime";
import { FIVE_MINUTES, MINUTE, type OwnMetrics, sumOf } from "./own-metrics";

export interface AlarmDefinition {
  readonly name: string;
  /** What is the case where it fires. */
  readonly means: string;
  readonly metric: IMetric;
  /** @default 1 */
  readonly threshold?: number;
  /** @default at least the threshold */
  readonly comparison?: ComparisonOperator;
  /** So many of so many periods. @default [1, 1] */
  readonly datapoints?: readonly [number, number];
  /** @default notBreaching: nothing happened */
  readonly missing?: TreatMissingData;
  /** Users get no access token, or cannot sign in. */
  readonly isOutage?: true;
}

export interface Watched {
  readonly metrics: OwnMetrics;
  /** By short name. The sweep throws where something failed, and has an alarm of its own. */
  readonly functions: readonly IFunction[];
  /** Empty: the stage has none. */
  readonly queues: readonly IQueue[];
  readonly deadLetters: readonly IQueue[];
}

/** It lasts: three minutes of five. */
const LASTING = [3, 5] as const;

export function alarmsOf(watched: Watched): readonly AlarmDefinition[] {
  return [
    ...alarmsOfClient(watched),
    ...alarmsOfNeighbours(watched),
    ...alarmsOfGrants(watched),
    ...alarmsOfWork(watched),
    ...(watched.queues.length === 0 ? [] : alarmsOfQueues(watched)),
  ];
}

function alarmsOfClient({ metrics }: Watched): readonly AlarmDefinition[] {
  const reasons = counting(metrics, FIVE_MINUTES);
  return [
    {
      name: "ClientSecretNotReady",
      means: "the client secret was never put in, is no secret, or may not be read",
      metric: reasons("client_secret_missing", "client_secret_malformed", "client_secret_denied"),
      isOutage: true,
    },
    {
      name: "ClientRejected",
      means: "the provider rejects this client, or its key does not sign",
      metric: reasons("client_rejected", "client_key_denied"),
      isOutage: true,
    },
  ];
}

function alarmsOfNeighbours({ metrics }: Watched): readonly AlarmDefinition[] {
  const reasons = counting(metrics, FIVE_MINUTES);
  return [
    {
      name: "ProviderDown",
      means: "most requests that need the provider fail because of it",
      metric: new MathExpression({
        label: "percent of what needs the provider",
        expression:
          "IF(FILL(down, 0) >= 3, 100 * FILL(down, 0) / " +
          "(FILL(down, 0) + FILL(exchanged, 0) + FILL(signed_in, 0)), 0)",
        usingMetrics: {
          down: metrics.outcome("provider_down", MINUTE),
          exchanged: metrics.outcome("exchanged", MINUTE),
          signed_in: metrics.routeOutcome("POST /sessions", "ok", MINUTE),
        },
        period: MINUTE,
      }),
      threshold: 50,
      datapoints: LASTING,
      isOutage: true,
    },
    {
      name: "KeyDenied",
      means: "KMS refuses the key of the grants",
      metric: reasons("cipher_denied"),
      isOutage: true,
    },
    {
      name: "KmsUnavailable",
      means: "KMS throttles or fails",
      metric: counting(metrics, MINUTE)("cipher_unavailable", "client_key_unavailable"),
      datapoints: LASTING,
    },
    {
      name: "StoreDenied",
      means: "DynamoDB or SQS refuses what the code asks for",
      metric: reasons("store_denied", "queue_denied"),
      // A deployment changes roles some seconds before the code.
      datapoints: [2, 3],
      isOutage: true,
    },
    {
      name: "StoreUnavailable",
      means: "DynamoDB, SQS or Secrets Manager throttles or fails",
      metric: counting(metrics, MINUTE)(
        "store_unavailable",
        "queue_unavailable",
        "client_secret_unavailable",
      ),
      datapoints: LASTING,
    },
  ];
}

function alarmsOfGrants({ metrics }: Watched): readonly AlarmDefinition[] {
  const error = (event: LogEvent) => metrics.event(event, "error", FIVE_MINUTES);
  return [
    {
      name: "ImpossibleTransition",
      means: "a grant was written in a way that the protocol does not have",
      metric: error("impossible_transition"),
    },
    {
      name: "GrantQuarantined",
      means: "the provider answered a refresh with the tokens of somebody else",
      metric: error("grant_quarantined"),
    },
    {
      name: "GrantPutBack",
      means: "a grant that had ended was in the table again",
      metric: error("grant_put_back"),
    },
    {
      name: "GrantFailing",
      means: "one user's refreshes have failed for hours while others succeed",
      metric: error("grant_failing"),
    },
    {
      name: "DamagedData",
      means: "an item or a ciphertext cannot be read",
      metric: sumOf(
        "damaged",
        [
          metrics.reason("damaged_item", FIVE_MINUTES),
          metrics.reason("ciphertext_rejected", FIVE_MINUTES),
          error("unreadable_item"),
        ],
        FIVE_MINUTES,
      ),
    },
  ];
}

function alarmsOfWork({ metrics, functions }: Watched): readonly AlarmDefinition[] {
  const reasons = counting(metrics, FIVE_MINUTES);
  return [
    { name: "Bug", means: "the code threw an unexpected error", metric: reasons("bug") },
    {
      name: "FunctionErrors",
      means: "functions end without an answer: they do not load, or run out of time or memory",
      metric: sumOf(
        "errors",
        functions.map((func) => func.metricErrors({ period: FIVE_MINUTES, statistic: "Sum" })),
        FIVE_MINUTES,
      ),
      datapoints: [2, 3],
      isOutage: true,
    },
    {
      name: "Throttled",
      means: "the account's concurrency is used up, and Lambda turns requests away",
      metric: sumOf(
        "throttles",
        functions.map((func) => func.metricThrottles({ period: MINUTE, statistic: "Sum" })),
        MINUTE,
      ),
      datapoints: LASTING,
      isOutage: true,
    },
    {
      name: "SlowKeptTokens",
      means: "one of a hundred kept access tokens takes longer than a second",
      metric: metrics.latency("kept", "p99", FIVE_MINUTES),
      threshold: 1_000,
      datapoints: [3, 3],
    },
    {
      name: "SweepStopped",
      means: "the sweeper has not run for fifteen minutes",
      metric: metrics.swept("done", FIVE_MINUTES),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      datapoints: [3, 3],
      missing: TreatMissingData.BREACHING,
    },
    {
      name: "SweepFailing",
      means: "the sweeper fails at the same entries again and again",
      metric: metrics.swept("failed", FIVE_MINUTES),
      datapoints: [3, 3],
    },
  ];
}

function alarmsOfQueues({ metrics, queues, deadLetters }: Watched): readonly AlarmDefinition[] {
  return [
    {
      name: "TokenNotSpilled",
      means: "a new refresh token found neither table nor queue at its first attempt",
      metric: metrics.event("not_spilled", "error", FIVE_MINUTES),
    },
    {
      name: "RecoveryFailing",
      means: "refreshes that broke off are not finished",
      metric: sumOf(
        "failures",
        [
          metrics.event("not_recovered", "error", FIVE_MINUTES),
          metrics.event("recovery", "error", FIVE_MINUTES),
        ],
        FIVE_MINUTES,
      ),
      datapoints: [3, 3],
    },
    {
      name: "RecoveryLate",
      means: "a task of recovery has waited for fifteen minutes",
      metric: new MathExpression({
        label: "oldest task, seconds",
        expression: "MAX(METRICS())",
        usingMetrics: Object.fromEntries(
          queues.map((queue, at) => [
            `age${String(at)}`,
            queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES }),
          ]),
        ),
        period: FIVE_MINUTES,
      }),
      threshold: 900,
      datapoints: [2, 2],
    },
    {
      name: "DeadLetters",
      means: "tasks that no version understood, or that never succeeded, wait for a person",
      metric: sumOf(
        "dead letters",
        deadLetters.map((queue) =>
          queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES }),
        ),
        FIVE_MINUTES,
      ),
    },
  ];
}

/** Requests that failed for one of these reasons. */
function counting(metrics: OwnMetrics, period: Duration) {
  return (...reasons: readonly ErrorReason[]) =>
    sumOf(
      "requests",
      reasons.map((reason) => metrics.reason(reason, period)),
      period,
    );
}
