/**
 * The metrics that the functions' log lines are (lambda/platform/metrics.ts), by the names that the
 * code gives them: a dimension that no line can have does not compile.
 */
import { Duration } from "aws-cdk-lib";
import { type IMetric, MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { ErrorReason } from "../../lambda/errors";
import type { Outcome } from "../../lambda/http/outcome";
import type { LogEvent } from "../../lambda/ports/runtime";
import type { RouteKey } from "../route-throttles";

/** Of a metric that is not there where nothing happened, how often it happened. */
const COUNT = "SampleCount";

export class OwnMetrics {
  private readonly namespace: string;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** Requests that ended so. */
  outcome(outcome: Outcome, period: Duration): Metric {
    return this.metric("durationMs", { outcome }, { period });
  }

  routeOutcome(route: RouteKey, outcome: Outcome, period: Duration): Metric {
    return this.metric("durationMs", { route, outcome }, { period });
  }

  /** Requests that failed for it. */
  reason(reason: ErrorReason, period: Duration): Metric {
    return this.metric("durationMs", { reason }, { period });
  }

  /** @param statistic such as `p99` */
  latency(outcome: Outcome, statistic: string, period: Duration): Metric {
    return this.metric("durationMs", { outcome }, { period, statistic });
  }

  event(event: LogEvent, level: "warn" | "error", period: Duration): Metric {
    return this.metric("events", { event, level }, { period });
  }

  /** Lists that were swept to their end, or of which something failed. */
  swept(outcome: "done" | "failed", period: Duration, statistic = COUNT): Metric {
    return this.metric("count", { event: "swept", outcome }, { period, statistic });
  }

  recovered(outcome: "done" | "again", period: Duration): Metric {
    return this.metric("durationMs", { event: "recovery", outcome }, { period });
  }

  calls(to: "dynamodbCalls" | "kmsCalls" | "providerCalls", period: Duration): Metric {
    return this.metric(to, {}, { period, statistic: "Sum" });
  }

  private metric(
    metricName: string,
    dimensionsMap: Record<string, string>,
    { period, statistic = COUNT }: { readonly period: Duration; readonly statistic?: string },
  ): Metric {
    const { namespace } = this;
    const label = [...Object.values(dimensionsMap)].join(" ") || metricName;
    const isCount = statistic === COUNT || statistic === "Sum";
    return new Metric({
      namespace,
      metricName,
      dimensionsMap,
      period,
      statistic,
      label: isCount ? label : `${label} ${statistic}`,
    });
  }
}

/** A metric that is not there counts as none. Within a graph each label is used once. */
export function sumOf(
  label: string,
  metrics: readonly IMetric[],
  period: Duration,
): MathExpression {
  const id = label.replaceAll(/\W+/g, "_");
  const using = Object.fromEntries(metrics.map((metric, at) => [`m${String(at)}_${id}`, metric]));
  return new MathExpression({
    label,
    expression: Object.keys(using)
      .map((each) => `FILL(${each}, 0)`)
      .join(" + "),
    usingMetrics: using,
    period,
  });
}

export const MINUTE = Duration.minutes(1);
export const FIVE_MINUTES = Duration.minutes(5);
