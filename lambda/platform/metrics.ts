/**
 * Which log lines are metrics, too: a member `_aws` in the line says which of its members
 * CloudWatch counts (CloudWatch User Guide, "Embedded metric format specification"). So a request
 * has one line for the log and for the metrics, and no metric costs a call.
 *
 * Not a library: @aws-lambda-powertools/metrics and aws-embedded-metrics keep and flush what is one
 * constant text here, and are loaded in every cold start (decision 0047).
 *
 * Every combination of dimensions is a metric that is paid for, so each value is one of a closed
 * list: `route` of the template's, `outcome`, `reason` and `event` of the types.
 */
import type { LogEvent, LogFields } from "../ports/runtime";
import { takeCalls } from "./meter";

export type Level = "info" | "warn" | "error";

/** Returns what is put in front of the closing brace of the line; empty: it is no metric. */
export type MetricText = (
  line: { readonly event: LogEvent; readonly level: Level; readonly fields: LogFields },
  at: number,
) => string;

/** @param namespace the stage's own, so that two stages in one account are told apart */
export function createMetricText(namespace: string): MetricText {
  const directive = (dimensions: readonly (readonly string[])[], names: readonly string[]) => ({
    Namespace: namespace,
    Dimensions: dimensions,
    Metrics: names.map((Name) => ({ Name })),
  });
  const text = (...directives: readonly object[]) =>
    `"CloudWatchMetrics":${JSON.stringify(directives)}}`;
  const calls = directive([[]], ["dynamodbCalls", "kmsCalls", "providerCalls"]);
  const served = [["outcome"], ["route", "outcome"]];
  const answered = text(directive(served, ["durationMs"]), calls);
  const refused = text(directive([...served, ["reason"]], ["durationMs"]), calls);
  const swept = text(directive([["event", "outcome"]], ["count"]));
  const recovered = text(directive([["event", "outcome"]], ["durationMs"]));
  const happened = text(directive([["event", "level"]], ["events"]));

  function metricsOf({ event, level, fields }: Parameters<MetricText>[0]): readonly string[] {
    if (event === "request") {
      const { dynamodb, kms, provider } = takeCalls();
      const counted = `"dynamodbCalls":${dynamodb},"kmsCalls":${kms},"providerCalls":${provider},`;
      return [counted, fields.reason === undefined ? answered : refused];
    }
    if (event === "swept") {
      return ["", swept];
    }
    if (level !== "info") {
      return ['"events":1,', happened];
    }
    return event === "recovery" ? ["", recovered] : [];
  }

  return (line, at) => {
    const [counted, metrics] = metricsOf(line);
    return metrics === undefined ? "" : `,${counted}"_aws":{"Timestamp":${at},${metrics}`;
  };
}
