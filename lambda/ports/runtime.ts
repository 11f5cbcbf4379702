/** The process as use cases see it: time, chance, waiting and the log. */
import type { EpochMs } from "../model";

export interface Clock {
  now(): EpochMs;
}

/** Waiting is a port so that a test can decide what happens meanwhile. */
export interface Timer {
  sleep(milliseconds: number): Promise<void>;
}

export interface Random {
  /** 128 random bits or more, printable. */
  id(): string;
  /** [0, 1): for jitter only, never for secrets. */
  fraction(): number;
}

/** Log by allow-list: these members and no others can be written. */
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
   * Class name of an error's cause, or of an error that is none of ours, e.g.
   * `ThrottlingException`.
   */
  readonly cause?: string;
  /** Name of the stage's setting that would have let this pass, e.g. `idp.trustedAzp`. */
  readonly setting?: string;
}

export interface Logger {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
