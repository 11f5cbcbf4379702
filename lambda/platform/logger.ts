/**
 * One JSON line per event, built from an allow-list: what is not a member of `LogFields` cannot be
 * written.
 */
import type { Clock, LogFields, Logger } from "../ports/runtime";

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

/** Longer than any word of ours, shorter than any token. */
const MAX_TEXT_LENGTH = 100;

export interface LoggerOptions {
  readonly clock: Clock;
  /** @default standard output, where Lambda picks it up */
  readonly write?: (line: string) => void;
}

export function createLogger({ clock, write = toStandardOutput }: LoggerOptions): Logger {
  const at = (level: string) => (event: string, fields?: LogFields) => {
    write(
      JSON.stringify({ at: new Date(clock.now()).toISOString(), level, event, ...pick(fields) }),
    );
  };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** The types say it already; a cast or a foreign object must not get through at run time either. */
function pick(fields: LogFields = {}): Record<string, unknown> {
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
