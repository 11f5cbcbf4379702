import { createLogger } from "../../../lambda/platform/logger";
import { calls, metered, takeCalls } from "../../../lambda/platform/meter";
import type { Logger } from "../../../lambda/ports/runtime";
import { NOW } from "../../support/tokens";

const NAMESPACE = "RollupVault/test";

function written(say: (log: Logger) => void): Record<string, unknown> {
  const lines: string[] = [];
  const write = (line: string) => {
    lines.push(line);
  };
  say(createLogger({ clock: { now: () => NOW }, namespace: NAMESPACE, write }));
  return JSON.parse(lines[0] ?? "{}") as Record<string, unknown>;
}

function directive(Dimensions: string[][], ...names: string[]) {
  return { Namespace: NAMESPACE, Dimensions, Metrics: names.map((Name) => ({ Name })) };
}

const CALLS = directive([[]], "dynamodbCalls", "kmsCalls", "providerCalls");

beforeEach(takeCalls);

test("a request is counted by outcome, and by route and outcome, with what it called", () => {
  calls.dynamodb += 2;
  calls.kms += 1;
  const fields = { route: "GET /me", outcome: "ok", status: 200, durationMs: 7 };
  const line = written((log) => {
    log.info("request", fields);
  });
  expect(line).toEqual({
    at: "2026-06-01T12:00:00.000Z",
    level: "info",
    event: "request",
    ...fields,
    dynamodbCalls: 2,
    kmsCalls: 1,
    providerCalls: 0,
    _aws: {
      Timestamp: NOW,
      CloudWatchMetrics: [directive([["outcome"], ["route", "outcome"]], "durationMs"), CALLS],
    },
  });
  expect(takeCalls()).toEqual({ dynamodb: 0, kms: 0, provider: 0 });
});

const failed = { route: "GET /me", outcome: "refused", reason: "unknown_key", durationMs: 1 };

test.each([
  [
    "a request that failed, also by reason",
    (log: Logger) => {
      log.info("request", failed);
    },
    [directive([["outcome"], ["route", "outcome"], ["reason"]], "durationMs"), CALLS],
  ],
  [
    "what the sweep has done",
    (log: Logger) => {
      log.info("swept", { route: "due", outcome: "done", count: 3 });
    },
    [directive([["event", "outcome"]], "count")],
  ],
  [
    "what the sweep has not done",
    (log: Logger) => {
      log.error("swept", { route: "due", outcome: "failed", count: 3 });
    },
    [directive([["event", "outcome"]], "count")],
  ],
  [
    "a task of recovery",
    (log: Logger) => {
      log.info("recovery", { route: "watch", outcome: "done", durationMs: 3 });
    },
    [directive([["event", "outcome"]], "durationMs")],
  ],
  [
    "a task of recovery that failed",
    (log: Logger) => {
      log.error("recovery", { reason: "bug" });
    },
    [directive([["event", "level"]], "events")],
  ],
  [
    "a warning",
    (log: Logger) => {
      log.warn("spilled", { reason: "store_unavailable" });
    },
    [directive([["event", "level"]], "events")],
  ],
])("%s is a metric", (_, say, directives) => {
  const line = written(say);
  const { CloudWatchMetrics } = line["_aws"] as { CloudWatchMetrics: typeof directives };
  expect(CloudWatchMetrics).toEqual(directives);
  // CloudWatch ignores a metric or a dimension that the line has no member for.
  for (const { Dimensions, Metrics } of CloudWatchMetrics) {
    expect(Dimensions.flat().map((name) => typeof line[name])).toEqual(
      Dimensions.flat().map(() => "string"),
    );
    expect(Metrics.map(({ Name }) => typeof line[Name])).toEqual(Metrics.map(() => "number"));
  }
});

test("other information is no metric", () => {
  expect(
    written((log) => {
      log.info("spill", { outcome: "placed" });
    }),
  ).not.toHaveProperty("_aws");
});

test("S36: no value that is not on the list of fields gets into a metric line", () => {
  const fields = { ...failed, sub: "alice", token: "secret" };
  const text = JSON.stringify(
    written((log) => {
      log.info("request", fields);
    }),
  );
  expect(text).not.toMatch(/alice|secret/);
});

test("requests to the provider are counted, those that fail as well", async () => {
  const http = metered({ send: () => Promise.reject(new Error("down")) });
  const request = { method: "GET", url: "https://x.example", timeoutMs: 1, maxBytes: 1 } as const;
  await expect(http.send(request)).rejects.toThrow("down");
  expect(takeCalls()).toEqual({ dynamodb: 0, kms: 0, provider: 1 });
});
