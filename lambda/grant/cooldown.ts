/**
 * When a grant that has failed is tried again, and what its failures in a row say: the arithmetic
 * of `coolDown` (transitions.ts) and of the failing grant (decision 0032).
 */
import type { SettingName } from "../errors";
import type { EpochMs } from "../model";
import type { ActiveGrant, Cooldown, FailureCause, Sealed } from "./grant";

const MAX_COOLDOWN_SECONDS = 60;
/** Between two attempts for a grant that fails while others do not. */
export const FAILING_COOLDOWN_MS = 15 * 60_000;

export type Failing = NonNullable<Cooldown["failing"]>;

/** It has just failed. */
export type CooledGrant = ActiveGrant & { readonly cooldown: Cooldown };

export interface Failure {
  readonly cause: FailureCause;
  readonly retryAfterSeconds: number | undefined;
  /**
   * The provider may have spent the token although no answer came: the lease then stays until it
   * runs out, so that no request with this token overtakes the one that may still be travelling.
   */
  readonly keepLease: boolean;
  /** The time limit that ended the request: for the log. */
  readonly setting?: SettingName;
  /** A successor in an answer of no other use: with it nothing is in doubt any more (S47). */
  readonly refreshToken?: Sealed;
}

/**
 * 2, 4, 8 … 60 seconds, or the provider's `Retry-After` (also of a 429; at most an hour), or the
 * end of the lease, where `grant` still has it: the longest of them.
 */
export function nextCooldown(grant: ActiveGrant, failure: Failure, at: EpochMs): Cooldown {
  const failures = (grant.cooldown?.failures ?? 0) + 1;
  const backoff = Math.min(MAX_COOLDOWN_SECONDS, 2 ** Math.min(failures, 10));
  const until = at + Math.max(backoff, failure.retryAfterSeconds ?? 0) * 1000;
  const leaseEnd = grant.lease?.expiresAt ?? at;
  const failing = nextFailing(grant, failure, at);
  return { until: Math.max(until, leaseEnd), cause: failure.cause, failures, failing };
}

/**
 * A rate limit says nothing of a grant; a rejected client, or a new token, begins the count anew.
 */
function nextFailing(grant: ActiveGrant, failure: Failure, at: EpochMs): Failing | undefined {
  const failing = grant.cooldown?.failing;
  if (failure.cause === "idp_rate_limited") {
    return failing;
  }
  if (failure.cause === "client_rejected" || failure.refreshToken !== undefined) {
    return undefined;
  }
  const { since = at, attempts = 0, isTold = false } = failing ?? {};
  return { since, attempts: attempts + 1, isTold };
}

/**
 * From now on callers are told to sign in. The grant is still tried every 15 minutes: the provider
 * said nothing definitive.
 */
export function tellFailing(grant: CooledGrant, failing: Failing, at: EpochMs): CooledGrant {
  const { cooldown } = grant;
  const until = Math.max(cooldown.until, at + FAILING_COOLDOWN_MS);
  return { ...grant, cooldown: { ...cooldown, until, failing: { ...failing, isTold: true } } };
}
