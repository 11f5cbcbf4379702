/**
 * Writes one JSON line per event. Members that are not in `LogFields` are dropped. In a function
 * some lines are metrics, too (metrics.ts).
 *
 * @example
 * {"at":"2026-01-01T00:00:00.000Z","level":"info","event":"request","route":"GET /me","status":200}
 */
import type { Clock, LogEvent, LogFields, Logger } from "../ports/runtime";
import { createMetricText, type Level } from "./metrics";

const ALLOWED: Readonly<Record<keyof LogFields, "string" | "number">> = {
  requestId: "string",
  route: "string",
  status: "number",
  code: "string",
  reason: "string",
  outcome: "string",
  durationMs: "number",
  retryAfterSeconds: "number",
  count: "number",
  cause: "string",
  setting: "string",
};

/** Characters; longer than any expected value, shorter than any token. */
const MAX_TEXT_LENGTH = 100;

export interface LoggerOptions {
  readonly clock: Clock;
  /**
   * Of the metrics.
   * @default lines are no metrics
   */
  readonly namespace?: string;
  /** @default standard output, where Lambda picks it up */
  readonly write?: (line: string) => void;
}

export function createLogger(options: LoggerOptions): Logger {
  const { clock, namespace, write = toStandardOutput } = options;
  const metricText = namespace === undefined ? () => "" : createMetricText(namespace);
  const at =
    (level: Level) =>
    (event: LogEvent, fields: LogFields = {}) => {
      const now = clock.now();
      const line = { at: new Date(now).toISOString(), level, event, ...pick(fields) };
      write(`${JSON.stringify(line).slice(0, -1)}${metricText({ event, level, fields }, now)}}`);
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** The types forbid other members, but a cast or a foreign object could bring them at run time. */
function pick(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(ALLOWED).flatMap(([name, type]) => {
      const value: unknown = fields[name as keyof LogFields];
      return typeof value === type ? [[name, bounded(value)]] : [];
    }),
  );
}

function bounded(value: unknown): unknown {
  return typeof value === "string" ? value.slice(0, MAX_TEXT_LENGTH) : value;
}

function toStandardOutput(line: string): void {
  process.stdout.write(`${line}\n`);
}
