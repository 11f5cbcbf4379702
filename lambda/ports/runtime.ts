/** What the process gives a use case: time, waiting, random values and the log. */
import type { EpochMs } from "../model";

export interface Clock {
  now(): EpochMs;
}

/** Waiting. A port, so that tests decide what happens in the meantime. */
export interface Timer {
  sleep(milliseconds: number): Promise<void>;
}

export interface Random {
  /** An id of 122 random bits or more (UUID version 4, RFC 9562 section 5.4). */
  id(): string;
  /** A number in [0, 1): for jitter, never for a secret. */
  fraction(): number;
}

/** What a log line is about: a closed list, since it names a metric (platform/metrics.ts). */
export type LogEvent =
  | "client_secret"
  | "code_cache_unused"
  | "code_exchange_failed"
  | "grant_failing"
  | "grant_put_back"
  | "grant_quarantined"
  | "impossible_transition"
  | "left_to_the_sweeper"
  | "not_admitted"
  | "not_noted"
  | "not_recovered"
  | "not_spilled"
  | "not_swept"
  | "recovery"
  | "request"
  | "revocation"
  | "sessions_not_capped"
  | "sign_in_broken_off"
  | "spill"
  | "spilled"
  | "swept"
  | "unreadable_item"
  | "userinfo_refused";

/**
 * The members that a log line may have. The logger drops every other one, so that no token, claim
 * or message of another party can be logged.
 */
export interface LogFields {
  readonly requestId?: string;
  readonly route?: string;
  readonly status?: number;
  readonly code?: string;
  readonly reason?: string;
  readonly outcome?: string;
  readonly durationMs?: number;
  readonly retryAfterSeconds?: number;
  readonly count?: number;
  /**
   * Class name of the cause of an error, or of an unexpected error, e.g. `ThrottlingException`; of
   * `code_cache_unused` the Node of this process, e.g. `v24.21.0`.
   */
  readonly cause?: string;
  /** The stage's setting that would have let this pass, e.g. `idp.trustedAzp`. */
  readonly setting?: string;
}

export interface Logger {
  info(event: LogEvent, fields?: LogFields): void;
  warn(event: LogEvent, fields?: LogFields): void;
  error(event: LogEvent, fields?: LogFields): void;
}
