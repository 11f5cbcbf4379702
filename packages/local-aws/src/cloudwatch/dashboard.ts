/**
 * The widgets of a template's dashboard, and the values that they show, out of a store of metrics
 * (CloudWatch API Reference, "Dashboard body structure and syntax").
 */
import * as v from "valibot";
import { readExpression, type Values } from "./expression";
import type { MetricName, MetricStore } from "./metric-store";
import { textOf } from "./template-text";

export interface Series {
  readonly label: string;
  /** Whether no value means that nothing happened. */
  readonly isCount: boolean;
  /** What it is made of. */
  readonly reads: readonly MetricName[];
  /** @returns undefined where there is no value */
  readonly read: (
    metrics: MetricStore,
    window: { readonly from: number; readonly to: number },
  ) => number | undefined;
}

export type Widget =
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "alarms"; readonly title: string; readonly logicalIds: readonly string[] }
  | { readonly kind: "graph"; readonly title: string; readonly series: readonly Series[] };

const Options = v.object({
  label: v.optional(v.string()),
  id: v.optional(v.string()),
  visible: v.optional(v.boolean(), true),
  stat: v.optional(v.string(), "Average"),
  expression: v.optional(v.string()),
});
const Body = v.object({
  widgets: v.array(
    v.variant("type", [
      v.object({ type: v.literal("text"), properties: v.object({ markdown: v.string() }) }),
      v.object({
        type: v.literal("alarm"),
        properties: v.object({ title: v.string(), alarms: v.array(v.string()) }),
      }),
      v.object({
        type: v.literal("metric"),
        properties: v.object({
          title: v.string(),
          metrics: v.array(v.array(v.union([v.string(), Options]))),
        }),
      }),
    ]),
  ),
});

/**
 * @param body property `DashboardBody` of an `AWS::CloudWatch::Dashboard`
 * @throws Error for a widget that it would not show as CloudWatch does
 */
export function readDashboard(body: unknown): readonly Widget[] {
  const { widgets } = v.parse(Body, JSON.parse(textOf(body)));
  return widgets.map((widget): Widget => {
    switch (widget.type) {
      case "text":
        return { kind: "heading", text: widget.properties.markdown.replace(/^#+\s*/, "") };
      case "alarm": {
        const { title, alarms } = widget.properties;
        const logicalIds = alarms.map((arn) => arn.replace(/\.Arn$/, ""));
        return { kind: "alarms", title, logicalIds };
      }
      case "metric": {
        const { title, metrics } = widget.properties;
        return { kind: "graph", title, series: readSeries(metrics.map(readEntry)) };
      }
    }
  });
}

const COUNTS = ["SampleCount", "Sum"];

type Entry = ReturnType<typeof readEntry>;

/** `[namespace, name, (dimension, value)…, options?]` or `[options]`. */
function readEntry(entry: readonly (string | v.InferOutput<typeof Options>)[]) {
  const names = entry.filter((part) => typeof part === "string");
  const options = entry.find((part) => typeof part !== "string") ?? v.parse(Options, {});
  if (names.some((name) => /^\.+$/.test(name))) {
    throw new Error("the local CloudWatch knows no abbreviated metric");
  }
  const [namespace, name, ...pairs] = names;
  const dimensions = Object.fromEntries(
    pairs.flatMap((key, at) => (at % 2 === 0 ? [[key, pairs[at + 1] ?? ""]] : [])),
  ) as Record<string, string>;
  const metric =
    namespace === undefined || name === undefined ? undefined : { namespace, name, dimensions };
  return { ...options, metric };
}

function readSeries(entries: readonly Entry[]): readonly Series[] {
  const named = entries.filter(({ id, metric }) => id !== undefined && metric !== undefined);
  return entries
    .filter(({ visible }) => visible)
    .map(({ metric, expression, stat, label }): Series => {
      if (expression === undefined) {
        if (metric === undefined) {
          throw new Error("a series is a metric or an expression");
        }
        return {
          label: label ?? labelOf(metric),
          isCount: COUNTS.includes(stat),
          reads: [metric],
          read: (metrics, window) => metrics.read(metric, stat, window),
        };
      }
      const evaluate = readExpression(expression);
      const using = named.filter(({ id = "" }) => new RegExp(`\\b${id}\\b`).test(expression));
      return {
        label: label ?? expression,
        isCount: false,
        reads: using.flatMap((one) => (one.metric === undefined ? [] : [one.metric])),
        read: (metrics, window) => evaluate(valuesOf(using, metrics, window)),
      };
    });
}

/** CloudWatch tells metrics of one name apart by what their dimensions do not share. */
function labelOf({ name, dimensions }: MetricName): string {
  // Of a logical id what its author wrote: CDK ends it with eight hexadecimal digits.
  const values = Object.values(dimensions).map((value) =>
    value.replace(/(?:Function)?[0-9A-F]{8}$/, ""),
  );
  return [name, ...values].join(" ");
}

function valuesOf(
  entries: readonly Entry[],
  metrics: MetricStore,
  window: { readonly from: number; readonly to: number },
): Values {
  return new Map(
    entries.map(({ id = "", metric, stat }) => [
      id,
      metric === undefined ? undefined : metrics.read(metric, stat, window),
    ]),
  );
}
