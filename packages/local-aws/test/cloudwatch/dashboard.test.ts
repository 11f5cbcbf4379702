/** A dashboard's body as CDK writes it, and what its widgets then show. */
import { readDashboard } from "../../src/cloudwatch/dashboard";
import { createMetricStore } from "../../src/cloudwatch/metric-store";

const NS = "Own";
const body = (...widgets: object[]) => JSON.stringify({ widgets });
const graph = (...metrics: unknown[]) =>
  readDashboard(body({ type: "metric", properties: { title: "Graph", metrics } }))[0];

/** The one graph's series. */
function series(...metrics: unknown[]) {
  const widget = graph(...metrics);
  return widget?.kind === "graph" ? widget.series : [];
}

const WINDOW = { from: 0, to: 100 };

test("text is a heading, whatever its level, and alarms are told by their logical ids", () => {
  const arn = { "Fn::GetAtt": ["AlarmA1", "Arn"] };
  const widgets = body(
    { type: "text", properties: { markdown: "## A question?" } },
    { type: "alarm", properties: { title: "Alarms", alarms: ["@"] } },
  ).split("@");
  expect(readDashboard({ "Fn::Join": ["", [widgets[0], arn, widgets[1]]] })).toEqual([
    { kind: "heading", text: "A question?" },
    { kind: "alarms", title: "Alarms", logicalIds: ["AlarmA1"] },
  ]);
});

test("a metric is read by its dimensions and statistic, within the window", () => {
  const metrics = createMetricStore();
  const dimensions = { outcome: "kept", route: "GET /me" };
  [1, 2, 3].forEach((value) => {
    metrics.put({ namespace: NS, name: "ms", dimensions }, value, value * 40);
  });
  const [sum, count, other] = series(
    [NS, "ms", "outcome", "kept", "route", "GET /me", { stat: "Sum", label: "all" }],
    [NS, "ms", "outcome", "kept", "route", "GET /me", { stat: "SampleCount" }],
    [NS, "ms", "outcome", "kept", { stat: "p99" }],
  );
  expect([sum?.label, sum?.isCount, sum?.read(metrics, WINDOW)]).toEqual(["all", true, 3]);
  expect(count?.read(metrics, WINDOW)).toBe(2);
  expect([other?.isCount, other?.read(metrics, WINDOW)]).toEqual([false, undefined]);
});

test("an expression is evaluated over metrics that are not shown themselves", () => {
  const metrics = createMetricStore();
  metrics.put({ namespace: NS, name: "good", dimensions: {} }, 1, 5);
  const shown = series(
    [{ expression: "100 * FILL(g, 0) / (FILL(g, 0) + FILL(b, 0))", label: "served" }],
    [NS, "good", { id: "g", visible: false, stat: "SampleCount" }],
    [NS, "bad", { id: "b", visible: false, stat: "SampleCount" }],
  );
  expect(shown.map(({ label }) => label)).toEqual(["served"]);
  expect(shown[0]?.read(metrics, WINDOW)).toBe(100);
  expect(shown[0]?.reads.map(({ name }) => name)).toEqual(["good", "bad"]);
});

test("a metric without a label is told apart by its resource, in its author's words", () => {
  const labels = series(
    ["AWS/Lambda", "Duration", "FunctionName", "AccessTokenFunction3317F2E2"],
    ["AWS/Lambda", "Duration", "FunctionName", "Health64F2C32C"],
  ).map(({ label }) => label);
  expect(labels).toEqual(["Duration AccessToken", "Duration Health"]);
});

test.each([
  ["a widget of another type", () => readDashboard(body({ type: "log", properties: {} }))],
  ["an abbreviated metric", () => graph([".", "ms"])],
  ["a series of nothing", () => graph([{ label: "nothing" }])],
  ["no JSON", () => readDashboard("{")],
])("%s is refused, not shown wrongly", (_, read) => {
  expect(read).toThrow();
});
