/** What came of one fault, as docs/reliability/faults.json keeps it. */
import type { FaultCase, FaultProvider } from "./fault-case";

export interface FaultAnswer {
  readonly status: number;
  readonly code?: string;
  readonly action?: string;
  readonly retryAfterSeconds?: number;
}

export interface FaultResult extends Pick<FaultCase, "neighbour" | "fault"> {
  readonly provider: FaultProvider;
  readonly caller: FaultAnswer;
  /** Refresh requests of this user that the provider acted upon until the caller had its answer. */
  readonly processed: number;
  /** The refresh token that is stored then is the one that was stored before. */
  readonly isUnchanged: boolean;
  /** Of the connection, right after the caller's answer. */
  readonly status: string;
  /** Whether a refresh token was stored then. */
  readonly hasToken: boolean;
  /** The answer that ended the waiting: a token, or that another sign-in is due. */
  readonly afterwards: FaultAnswer;
  /** From the fault's end to that answer. */
  readonly secondsUntilThen: number;
  /** Then: the opened refresh token is the newest that the provider has issued, and still good. */
  readonly isNewest: boolean;
  /** What was not to come of it; empty if all is well. */
  readonly violations: readonly string[];
}
