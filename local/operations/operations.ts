/**
 * The CloudWatch of a run, as its operator would see it: the dashboard and the alarms of the
 * synthesized template, over the lines that the functions print. The template is the truth: nothing
 * in here knows a widget or an alarm by name.
 */
import type {
  Alarm,
  OperationsDocument,
  Series as ShownSeries,
  Widget,
} from "@rollup-vault/console/operations/document";
import type { QueueMetrics } from "@rollup-vault/local-aws/aws/sqs";
import {
  type LocalAlarm,
  readAlarms,
  type TemplateResource,
} from "@rollup-vault/local-aws/cloudwatch/alarms";
import { readDashboard, type Series } from "@rollup-vault/local-aws/cloudwatch/dashboard";
import {
  createMetricStore,
  type MetricName,
} from "@rollup-vault/local-aws/cloudwatch/metric-store";
import type { Invocation } from "@rollup-vault/local-aws/functions";

export interface Operations {
  readonly addLine: (line: string) => void;
  readonly invoked: (invocation: Invocation) => void;
  /** From now on these are the queues of the run. */
  readonly watchQueues: (queues: WatchedQueues) => void;
  /**
   * Measures the queues and judges the alarms; called now and then, so that `since` is true where
   * nobody looks.
   */
  readonly tick: () => void;
  /** @param minutes that the graphs show */
  readonly read: (minutes: number) => OperationsDocument;
}

interface WatchedQueues {
  readonly measure: () => readonly QueueMetrics[];
  /** Name of a queue → how the templates write it. */
  readonly writtenNames: ReadonlyMap<string, readonly string[]>;
}

/** Points of a graph. */
const STEPS = 45;
/** Longer than any alarm looks back. */
const KEPT_MS = 9 * 3_600_000;
export const ARTICLES = "/operations/runbook";

export function createOperations(
  resources: readonly TemplateResource[],
  now: () => number = Date.now,
): Operations {
  const metrics = createMetricStore();
  const begin = now();
  const alarms = new Map(readAlarms(resources).map((alarm) => [alarm.logicalId, alarm]));
  const states = new Map<LocalAlarm, Pick<Alarm, "state" | "since">>();
  let queues: WatchedQueues | undefined;
  const widgets = resources
    .filter(({ type }) => type === "AWS::CloudWatch::Dashboard")
    .flatMap(({ properties }) => readDashboard(properties["DashboardBody"]));

  /** SQS does it once a minute by itself. */
  function measureQueues(): void {
    for (const { queueName, ...values } of queues?.measure() ?? []) {
      for (const [name, value] of Object.entries(values)) {
        for (const QueueName of queues?.writtenNames.get(queueName) ?? []) {
          metrics.put({ namespace: "AWS/SQS", name, dimensions: { QueueName } }, value, now());
        }
      }
    }
  }

  function judge(alarm: LocalAlarm): Omit<Alarm, "name" | "means" | "article"> {
    const at = now();
    const { isFiring, reason } = alarm.judge(metrics, at, begin);
    const state = isFiring ? "ALARM" : "OK";
    const known = states.get(alarm) ?? { state: "OK", since: begin };
    const next = known.state === state ? known : ({ state, since: at } as const);
    states.set(alarm, next);
    return { ...next, reason };
  }

  function showAlarm(logicalId: string): Alarm {
    const alarm = alarms.get(logicalId);
    if (alarm === undefined) {
      throw new Error(`the dashboard shows ${logicalId}, which is no alarm`);
    }
    const [means = "", article = ""] = alarm.description.split(/\s*Runbook:\s*/);
    const anchor = article.slice(article.indexOf("#"));
    return { name: alarm.name, means, article: `${ARTICLES}${anchor}`, ...judge(alarm) };
  }

  return {
    addLine: (line) => {
      metrics.addLine(line, now());
    },
    invoked: ({ functionId, durationMs, failure }) => {
      const dimensions = { FunctionName: functionId.slice(functionId.indexOf("/") + 1) };
      const put = (name: string, value: number) => {
        metrics.put({ namespace: "AWS/Lambda", name, dimensions }, value, now());
      };
      // What is throttled counts neither as an invocation nor as an error (Lambda Developer Guide,
      // "Types of metrics for Lambda functions").
      put("Throttles", Number(failure === "throttled"));
      if (failure !== "throttled") {
        put("Duration", durationMs);
        put("Errors", Number(failure !== undefined));
      }
    },
    watchQueues: (next) => {
      queues = next;
    },
    tick: () => {
      measureQueues();
      metrics.forget(now() - KEPT_MS);
      [...alarms.values()].forEach(judge);
    },
    read: (minutes) => {
      measureQueues();
      const at = now();
      const stepMs = (minutes * 60_000) / STEPS;
      // Whole steps: what was drawn once stays as it is, and moves to the left.
      const to = (Math.floor(at / stepMs) + 1) * stepMs;
      const from = to - STEPS * stepMs;
      const isHere = ({ namespace, name }: MetricName) =>
        !namespace.startsWith("AWS/") || MEASURED.has(`${namespace} ${name}`);
      const show = ({ label, reads, read, isCount }: Series): ShownSeries => {
        const points = Array.from({ length: STEPS }, (_, step) => {
          const start = from + step * stepMs;
          return read(metrics, { from: start, to: start + stepMs }) ?? null;
        });
        const isSilent = points.every((value) => value === null);
        return {
          label,
          isHere: reads.every(isHere),
          isCount,
          points: isCount && !isSilent ? points.map((value) => value ?? 0) : points,
        };
      };
      const shown = widgets.map((widget): Widget => {
        switch (widget.kind) {
          case "heading":
            return widget;
          case "alarms": {
            const { kind, title, logicalIds } = widget;
            return { kind, title, alarms: logicalIds.map(showAlarm) };
          }
          case "graph":
            return { ...widget, series: widget.series.map(show) };
        }
      });
      return { at, from, stepMs, widgets: shown.filter(isNoRepetition) };
    },
  };
}

/** Of AWS's own metrics those that the local run has, too. */
const MEASURED = new Set([
  "AWS/Lambda Duration",
  "AWS/Lambda Errors",
  "AWS/Lambda Throttles",
  "AWS/SQS ApproximateAgeOfOldestMessage",
  "AWS/SQS ApproximateNumberOfMessagesVisible",
]);

/** The library heads a section twice, large and small. */
function isNoRepetition(widget: Widget, at: number, all: readonly Widget[]): boolean {
  const before = all
    .slice(0, at)
    .filter(({ kind }) => kind === "heading")
    .at(-1);
  return !(widget.kind === "heading" && before?.kind === "heading" && before.text === widget.text);
}
