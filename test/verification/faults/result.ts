/** The result of one fault, as docs/reliability/faults.json has it. */
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
  /** Refresh requests of this user that the provider processed until the caller had its answer. */
  readonly processed: number;
  /** Whether the stored refresh token is still the one from before. */
  readonly isUnchanged: boolean;
  /** Status of the grant right after the caller's answer. */
  readonly status: string;
  /** Whether a refresh token was stored then. */
  readonly hasToken: boolean;
  /** The answer that ended the case: an access token, or the need for a sign-in. */
  readonly afterwards: FaultAnswer;
  /** Milliseconds from the end of the fault to that answer. */
  readonly secondsUntilThen: number;
  /** Whether the stored refresh token is then the provider's newest, and live. */
  readonly isNewest: boolean;
  /** Differences from the case; empty if all is well. */
  readonly violations: readonly string[];
}
