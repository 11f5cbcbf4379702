/** Alarms of a template over time, as the page Operations is told. */
import type { TemplateResource } from "@rollup-vault/local-aws/cloudwatch/alarms";
import { createOperations } from "../../../local/operations/operations";

const MINUTE = 60_000;
const START = Date.parse("2026-06-01T12:00:00Z");

const alarm = (name: string, more: object = {}): TemplateResource => ({
  logicalId: name,
  type: "AWS::CloudWatch::Alarm",
  properties: {
    AlarmName: `RollupVault-test-${name}`,
    AlarmDescription: `It fires where it fails. \r\nRunbook: docs/runbook.md#alarm-${name.toLowerCase()}`,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    DatapointsToAlarm: 1,
    EvaluationPeriods: 1,
    Threshold: 1,
    TreatMissingData: "notBreaching",
    Metrics: [
      {
        Id: "m",
        Label: "failures",
        MetricStat: {
          Metric: {
            Namespace: "Own",
            MetricName: "ms",
            Dimensions: [{ Name: "reason", Value: "down" }],
          },
          Period: 60,
          Stat: "SampleCount",
        },
        ReturnData: true,
      },
    ],
    ...more,
  },
});

const body = {
  widgets: [
    { type: "text", properties: { markdown: "# Served?" } },
    { type: "alarm", properties: { title: "Alarms", alarms: ["Fails.Arn", "Stopped.Arn"] } },
    { type: "text", properties: { markdown: "### Served?" } },
    {
      type: "metric",
      properties: {
        title: "Failures",
        metrics: [
          ["Own", "ms", "reason", "down", { label: "down", stat: "SampleCount" }],
          ["AWS/DynamoDB", "Consumed", { stat: "Sum" }],
        ],
      },
    },
  ],
};

const line = (at: number) =>
  JSON.stringify({
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        { Namespace: "Own", Dimensions: [["reason"]], Metrics: [{ Name: "ms" }] },
      ],
    },
    reason: "down",
    ms: 12,
  });

function world() {
  let now = START;
  const stopped = { EvaluationPeriods: 3, DatapointsToAlarm: 3, TreatMissingData: "breaching" };
  const operations = createOperations(
    [
      alarm("Fails"),
      alarm("Stopped", { ...stopped, ComparisonOperator: "LessThanThreshold" }),
      {
        logicalId: "Dashboard",
        type: "AWS::CloudWatch::Dashboard",
        properties: { DashboardBody: JSON.stringify(body) },
      },
    ],
    () => now,
  );
  const alarms = () => {
    const { widgets } = operations.read(15);
    return widgets.flatMap((widget) => (widget.kind === "alarms" ? widget.alarms : []));
  };
  return {
    operations,
    alarms,
    pass: (ms: number) => {
      now += ms;
    },
    fail: () => {
      operations.addLine(line(now));
    },
  };
}

test("an alarm says its state, since when, why, and where to read on", () => {
  const { alarms, pass, fail } = world();
  expect(alarms()[0]).toEqual({
    name: "RollupVault-test-Fails",
    state: "OK",
    since: START,
    means: "It fires where it fails.",
    reason: "failures: no value (the last 1 min); it fires where that is at least 1",
    article: "/operations/runbook#alarm-fails",
  });
  pass(MINUTE);
  fail();
  pass(1_000);
  const at = START + MINUTE + 1_000;
  expect(alarms()[0]).toMatchObject({ state: "ALARM", since: at });
  expect(alarms()[0]?.reason).toMatch(/^failures: 1 /);
  pass(30_000);
  expect(alarms()[0]).toMatchObject({ state: "ALARM", since: at });
  pass(MINUTE);
  expect(alarms()[0]).toMatchObject({ state: "OK", since: at + 30_000 + MINUTE });
});

test("since when is true where nobody has looked", () => {
  const { operations, alarms, pass, fail } = world();
  fail();
  pass(1_000);
  operations.tick();
  pass(30_000);
  expect(alarms()[0]).toMatchObject({ state: "ALARM", since: START + 1_000 });
});

test("what was before the run is no missing data", () => {
  const { alarms, pass } = world();
  expect(alarms()[1]?.state).toBe("OK");
  pass(3 * MINUTE - 1);
  expect(alarms()[1]?.state).toBe("OK");
  pass(1);
  expect(alarms()[1]?.state).toBe("ALARM");
});

test("a graph counts nothing as zero once there was something, and says what only AWS counts", () => {
  const { operations, pass, fail } = world();
  const graph = () => {
    const widget = operations.read(15).widgets.at(-1);
    return widget?.kind === "graph" ? widget.series : [];
  };
  expect(graph()[0]?.points.every((value) => value === null)).toBe(true);
  fail();
  fail();
  pass(MINUTE);
  const [down, consumed] = graph();
  expect(down?.points.reduce<number>((sum, value) => sum + (value ?? Number.NaN), 0)).toBe(2);
  expect([down?.isHere, consumed?.isHere]).toEqual([true, false]);
});

test("a section is headed once, though the library writes its title twice", () => {
  const { operations } = world();
  const kinds = operations.read(15).widgets.map(({ kind }) => kind);
  expect(kinds).toEqual(["heading", "alarms", "graph"]);
});

test("what is older than any alarm looks back is forgotten", () => {
  const { operations, pass, fail } = world();
  fail();
  pass(10 * 60 * MINUTE);
  operations.tick();
  const widget = operations.read(480).widgets.at(-1);
  const [down] = widget?.kind === "graph" ? widget.series : [];
  expect(down?.points.every((value) => value === null)).toBe(true);
});
