/** The dashboard as data: what an operator asks, from top to bottom. */
import { type IMetric, Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { ErrorReason } from "../../lambda/errors";
import type { Outcome } from "../../lambda/http/outcome";
import type { RouteKey } from "../route-throttles";
import type { Watched } from "./alarms";
import { availability, OBJECTIVES } from "./objectives";
import { FIVE_MINUTES, sumOf } from "./own-metrics";

export interface DashboardInputs extends Watched {
  readonly apiId: string;
  readonly tables: readonly ITable[];
}

interface Section {
  readonly title: string;
  readonly graphs: readonly {
    readonly title: string;
    readonly metrics: readonly IMetric[];
    readonly right?: readonly IMetric[];
  }[];
}

const OUTCOMES: readonly Outcome[] = [
  "kept",
  "exchanged",
  "ok",
  "needs_sign_in",
  "refused",
  "busy",
  "provider_down",
  "our_fault",
  "exchange_fault",
];

const FAULTY_ROUTES: readonly RouteKey[] = [
  "POST /me/access-token",
  "POST /service/access-token",
  "POST /sessions",
  "PUT /me",
  "GET /me",
  "PATCH /me",
  "PUT /me/refresh-token",
  "DELETE /me",
];

const PROVIDER_REASONS: readonly ErrorReason[] = [
  "idp_unavailable",
  "idp_in_doubt",
  "idp_protocol",
  "idp_rate_limited",
  "key_set_unavailable",
  "cooling_down",
];

const REFUSALS: readonly ErrorReason[] = [
  "missing_credentials",
  "unknown_session",
  "session_expired",
  "invalid_signature",
  "unknown_key",
  "invalid_lifetime",
  "code_refused",
  "refused_codes",
  "refresh_token_refused",
  "in_doubt",
];

export function dashboardOf(inputs: DashboardInputs, region: string): readonly Section[] {
  return [served(inputs), where(inputs), people(inputs), work(inputs), cost(inputs, region)];
}

function served({ metrics }: DashboardInputs): Section {
  return {
    title: "Are users served?",
    graphs: [
      {
        title: "Requests by outcome",
        metrics: OUTCOMES.map((outcome) => metrics.outcome(outcome, FIVE_MINUTES)),
      },
      {
        title: "Served, percent",
        metrics: OBJECTIVES.map((objective) => availability(objective, metrics, FIVE_MINUTES)),
      },
      {
        title: "How long it takes, ms",
        metrics: (["kept", "exchanged"] as const).flatMap((outcome) =>
          ["p50", "p99"].map((statistic) => metrics.latency(outcome, statistic, FIVE_MINUTES)),
        ),
      },
    ],
  };
}

function where({ metrics }: DashboardInputs): Section {
  return {
    title: "Which provider, which route, since when?",
    graphs: [
      {
        title: "The provider fails, by reason",
        metrics: PROVIDER_REASONS.map((reason) => metrics.reason(reason, FIVE_MINUTES)),
      },
      {
        title: "Our fault, by route",
        metrics: FAULTY_ROUTES.map((route) =>
          sumOf(
            route,
            (["our_fault", "exchange_fault"] as const).map((outcome) =>
              metrics.routeOutcome(route, outcome, FIVE_MINUTES),
            ),
            FIVE_MINUTES,
          ),
        ),
      },
    ],
  };
}

function people({ metrics }: DashboardInputs): Section {
  return {
    title: "Sign-ins and sessions",
    graphs: [
      {
        title: "Sign-ins",
        metrics: (["ok", "refused", "provider_down", "our_fault"] as const).map((outcome) =>
          metrics.routeOutcome("POST /sessions", outcome, FIVE_MINUTES),
        ),
      },
      {
        title: "Sessions ended",
        metrics: (
          ["DELETE /sessions/current", "DELETE /sessions", "DELETE /sessions/{id}"] as const
        ).map((route) => metrics.routeOutcome(route, "ok", FIVE_MINUTES)),
      },
      {
        title: "Refusals by reason",
        metrics: REFUSALS.map((reason) => metrics.reason(reason, FIVE_MINUTES)),
      },
    ],
  };
}

function work({ metrics, queues, deadLetters }: DashboardInputs): Section {
  const sweep = (["done", "failed"] as const).map((outcome) =>
    metrics.swept(outcome, FIVE_MINUTES, "Sum"),
  );
  const period = FIVE_MINUTES;
  const recovery = [
    ...queues.map((queue) => queue.metricApproximateAgeOfOldestMessage({ period })),
    ...deadLetters.map((queue) => queue.metricApproximateNumberOfMessagesVisible({ period })),
    metrics.recovered("done", period),
    metrics.recovered("again", period),
  ];
  return {
    title: "Work in the background",
    graphs: [
      { title: "Swept entries", metrics: sweep },
      ...(queues.length === 0 ? [] : [{ title: "Recovery", metrics: recovery }]),
    ],
  };
}

function cost({ metrics, functions, tables, apiId }: DashboardInputs, region: string): Section {
  const calls = (["dynamodbCalls", "kmsCalls", "providerCalls"] as const).map((to) =>
    metrics.calls(to, FIVE_MINUTES),
  );
  const period = FIVE_MINUTES;
  return {
    title: "What does it cost?",
    graphs: [
      { title: "Calls", metrics: calls },
      {
        title: "Requests and DynamoDB capacity",
        metrics: [
          new Metric({
            namespace: "AWS/ApiGateway",
            metricName: "Count",
            dimensionsMap: { ApiId: apiId },
            statistic: "Sum",
            period,
            region,
          }),
          ...tables.flatMap((table) => [
            table.metricConsumedReadCapacityUnits({ period }),
            table.metricConsumedWriteCapacityUnits({ period }),
          ]),
        ],
      },
      {
        title: "Time of the functions, ms",
        metrics: functions.map((func) => func.metricDuration({ period, statistic: "Sum" })),
      },
    ],
  };
}
