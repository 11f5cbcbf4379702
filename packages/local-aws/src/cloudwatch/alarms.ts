/**
 * The alarms of a template, evaluated on a store of metrics as CloudWatch does (User Guide, "Alarm
 * evaluation"): over the last N periods, M of which have to breach.
 */
import * as v from "valibot";
import { readExpression, type Values } from "./expression";
import type { MetricName, MetricStore } from "./metric-store";
import { textOf } from "./template-text";

/** As it stands in a template. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface LocalAlarm {
  readonly logicalId: string;
  readonly name: string;
  readonly description: string;
  /** Whether anybody is told. */
  readonly notifies: boolean;
  /** What it is about; empty for one that is about other alarms. */
  readonly reads: readonly MetricName[];
  readonly isFiring: (metrics: MetricStore, now: number) => boolean;
  /** @param begin what was before it is no missing data: there was nothing to watch */
  readonly judge: (metrics: MetricStore, now: number, begin?: number) => Judgement;
}

interface Judgement {
  readonly isFiring: boolean;
  /** For people: the values that decided, newest first. */
  readonly reason: string;
}

const Stat = v.object({
  Namespace: v.string(),
  MetricName: v.string(),
  Dimensions: v.optional(v.array(v.object({ Name: v.string(), Value: v.unknown() })), []),
});
const Query = v.object({
  Id: v.string(),
  Expression: v.optional(v.string()),
  Label: v.optional(v.string()),
  MetricStat: v.optional(v.object({ Metric: Stat, Period: v.number(), Stat: v.string() })),
  Period: v.optional(v.number()),
  ReturnData: v.optional(v.boolean(), true),
});
const Alarm = v.object({
  AlarmName: v.string(),
  AlarmDescription: v.string(),
  AlarmActions: v.optional(v.array(v.unknown()), []),
  ComparisonOperator: v.picklist(["GreaterThanOrEqualToThreshold", "LessThanThreshold"]),
  DatapointsToAlarm: v.number(),
  EvaluationPeriods: v.number(),
  Threshold: v.number(),
  TreatMissingData: v.picklist(["breaching", "notBreaching"]),
  Metrics: v.array(Query),
});
const Composite = v.object({
  AlarmName: v.string(),
  AlarmDescription: v.string(),
  AlarmActions: v.optional(v.array(v.unknown()), []),
  AlarmRule: v.unknown(),
});

type Queries = v.InferOutput<typeof Query>[];

/** @throws Error for an alarm that it would not evaluate as CloudWatch does */
export function readAlarms(resources: readonly TemplateResource[]): readonly LocalAlarm[] {
  const simple = resources
    .filter(({ type }) => type === "AWS::CloudWatch::Alarm")
    .map(({ logicalId, properties }) => readAlarm(logicalId, v.parse(Alarm, properties)));
  const all = new Map(simple.map((alarm) => [alarm.logicalId, alarm]));
  const composites = resources
    .filter(({ type }) => type === "AWS::CloudWatch::CompositeAlarm")
    .map(({ logicalId, properties }) =>
      readComposite(logicalId, v.parse(Composite, properties), all),
    );
  for (const alarm of composites) {
    all.set(alarm.logicalId, alarm);
  }
  return [...all.values()];
}

function readAlarm(logicalId: string, alarm: v.InferOutput<typeof Alarm>): LocalAlarm {
  const { Threshold, ComparisonOperator, TreatMissingData, EvaluationPeriods } = alarm;
  const { read, label, period } = readQueries(alarm.Metrics);
  const breaches = (value: number | undefined) => {
    if (value === undefined) {
      return TreatMissingData === "breaching";
    }
    return ComparisonOperator === "LessThanThreshold" ? value < Threshold : value >= Threshold;
  };
  const judge: LocalAlarm["judge"] = (metrics, now, begin = -Infinity) => {
    const values = Array.from({ length: EvaluationPeriods }, (_, back) => read(metrics, now, back));
    const isBefore = (back: number) => now - (back + 1) * period * 1000 < begin;
    const breaching = values.filter(
      (value, back) => breaches(value) && (value !== undefined || !isBefore(back)),
    );
    return {
      isFiring: breaching.length >= alarm.DatapointsToAlarm,
      reason: `${label}: ${values.map(shown).join(", ")} (${windowWords(EvaluationPeriods, period)}); ${limitWords(alarm)}`,
    };
  };
  return {
    logicalId,
    name: alarm.AlarmName,
    description: alarm.AlarmDescription,
    notifies: alarm.AlarmActions.length > 0,
    reads: alarm.Metrics.flatMap(({ MetricStat }) =>
      MetricStat === undefined ? [] : [nameOf(MetricStat.Metric)],
    ),
    isFiring: (metrics, now) => judge(metrics, now).isFiring,
    judge,
  };
}

function shown(value: number | undefined): string {
  return value === undefined ? "no value" : String(Math.round(value * 100) / 100);
}

function windowWords(periods: number, seconds: number): string {
  const [count, unit] = seconds % 3600 === 0 ? [seconds / 3600, "h"] : [seconds / 60, "min"];
  return periods === 1
    ? `the last ${String(count)} ${unit}`
    : `the last ${String(periods)} times ${String(count)} ${unit}`;
}

function limitWords(alarm: v.InferOutput<typeof Alarm>): string {
  const { ComparisonOperator, DatapointsToAlarm: count, EvaluationPeriods: of } = alarm;
  const side = ComparisonOperator === "LessThanThreshold" ? "below" : "at least";
  const limit = `${side} ${String(alarm.Threshold)}`;
  return of === 1
    ? `it fires where that is ${limit}`
    : `it fires where ${String(count)} of ${String(of)} are ${limit}`;
}

/** The one metric or expression that is returned, `back` periods ago. */
function readQueries(queries: Queries) {
  const returned = queries.find(({ ReturnData }) => ReturnData);
  const stats = queries.flatMap(({ Id, MetricStat }) =>
    MetricStat === undefined ? [] : [{ id: Id, ...MetricStat, metric: nameOf(MetricStat.Metric) }],
  );
  const periods = new Set(stats.map(({ Period }) => Period));
  const [period] = periods;
  if (returned === undefined || period === undefined || periods.size > 1) {
    throw new Error("an alarm has one result, and all of its metrics have one period");
  }
  const { Expression: text, Id: id, Label: label = id } = returned;
  const evaluate = text === undefined ? (values: Values) => values.get(id) : readExpression(text);
  const read = (metrics: MetricStore, now: number, back: number) => {
    const to = now - back * period * 1000;
    const window = { from: to - period * 1000, to };
    return evaluate(
      new Map(stats.map(({ id, metric, Stat }) => [id, metrics.read(metric, Stat, window)])),
    );
  };
  return { read, label, period };
}

function nameOf({ Namespace, MetricName, Dimensions }: v.InferOutput<typeof Stat>): MetricName {
  const dimensions = Dimensions.map(({ Name, Value }) => [Name, textOf(Value)]);
  return {
    namespace: Namespace,
    name: MetricName,
    dimensions: Object.fromEntries(dimensions) as Record<string, string>,
  };
}

function readComposite(
  logicalId: string,
  { AlarmName, AlarmDescription, AlarmActions, AlarmRule }: v.InferOutput<typeof Composite>,
  known: ReadonlyMap<string, LocalAlarm>,
): LocalAlarm {
  const rule = textOf(AlarmRule);
  const operators = new Set(rule.match(/\b(?:AND|OR|NOT)\b/g));
  if (operators.size > 1 || operators.has("NOT")) {
    throw new Error(`${AlarmName}: the local CloudWatch knows one operator per rule, AND or OR`);
  }
  const names = [...rule.matchAll(/ALARM\("(\w+)\.Arn"\)/g)].map(([, name]) => String(name));
  const judge: LocalAlarm["judge"] = (metrics, now, begin) => {
    const firing = names.filter((name) => {
      const alarm = known.get(name);
      if (alarm === undefined) {
        throw new Error(`${AlarmName} is about ${name}, which is no alarm`);
      }
      return alarm.judge(metrics, now, begin).isFiring;
    });
    const fire = firing.map((name) => known.get(name)?.name ?? name).join(", ");
    const isFiring = operators.has("AND") ? firing.length === names.length : firing.length > 0;
    const rule = operators.has("AND") ? "all" : "any";
    return {
      isFiring,
      reason: `it fires with ${rule} of ${String(names.length)} alarms; ${fire === "" ? "none fires" : `firing: ${fire}`}`,
    };
  };
  return {
    logicalId,
    name: AlarmName,
    description: AlarmDescription,
    notifies: AlarmActions.length > 0,
    reads: [],
    isFiring: (metrics, now) => judge(metrics, now).isFiring,
    judge,
  };
}
