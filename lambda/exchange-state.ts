/** What a grant keeps of exchanges, made and under way. */
import type { EpochMs } from "./values";

/** A secret as it lies in the store: `kms/` makes and opens it. `gen` is bound into the ciphertext. */
export interface Sealed {
  readonly ciphertext: Uint8Array;
  readonly gen: number;
}

/** Held by the one caller that may talk to the token endpoint for this grant. */
export interface Lease {
  /** Random, one per attempt. */
  readonly owner: string;
  /** The holder's hard deadline plus a margin: once passed, the platform has ended the holder. */
  readonly expiresAt: EpochMs;
  /** The lease was taken over from a holder that never reported back: its exchange may have been processed. */
  readonly takenOver: boolean;
}

/** Why the last exchange did not succeed although nothing is wrong with the grant. */
export type FailureCause =
  "idp_unavailable" | "idp_rate_limited" | "idp_in_doubt" | "idp_protocol" | "client_rejected";

export interface Cooldown {
  readonly until: EpochMs;
  readonly cause: FailureCause;
  /**
   * In a row; `failing`: those that may be about this grant alone, and whether its user is told so
   * (decision 0032).
   */
  readonly failures: number;
  readonly failing?: { since: EpochMs; attempts: number; isTold: boolean } | undefined;
}

export interface KeptAccessToken extends Sealed {
  readonly expiresAt: EpochMs;
  /** Owner of the lease under which it was obtained. */
  readonly obtainedBy: string;
}
