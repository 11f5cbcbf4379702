/** When a grant that has failed is tried again, and what its failures in a row say; pure functions as in grant.ts. */
import type { SettingName } from "../errors";
import type { Cooldown, EpochMs, FailureCause, Grant, Sealed } from "../model";

const MAX_COOLDOWN_SECONDS = 60;
/** Between two attempts for a grant that fails while others do not. */
export const FAILING_COOLDOWN_MS = 15 * 60_000;

export type Failing = Readonly<NonNullable<Cooldown["failing"]>>;

export interface Failure {
  readonly cause: FailureCause;
  readonly retryAfterSeconds: number | undefined;
  /**
   * The provider may have spent the token although no answer came: the lease then stays until it runs out, so that
   * nobody presents the token again while the first request may still be travelling.
   */
  readonly keepLease: boolean;
  /** The time limit that the request ran into: for the log. */
  readonly setting?: SettingName | undefined;
  /** A successor that came in an answer of no other use: with it nothing is in doubt any more (S47). */
  readonly refreshToken?: Sealed | undefined;
}

/** 2, 4, 8 … 60 seconds, or what the provider asked for, or until a lease that stays runs out: whichever is longest. */
export function nextCooldown(grant: Grant, failure: Failure, at: EpochMs): Cooldown {
  const failures = (grant.cooldown?.failures ?? 0) + 1;
  const backoff = Math.min(MAX_COOLDOWN_SECONDS, 2 ** Math.min(failures, 10));
  const until = at + Math.max(backoff, failure.retryAfterSeconds ?? 0) * 1000;
  const isKept = failure.keepLease && failure.refreshToken === undefined;
  const leaseEnd = isKept ? (grant.lease?.expiresAt ?? at) : at;
  const failing = nextFailing(grant, failure, at);
  return { until: Math.max(until, leaseEnd), cause: failure.cause, failures, failing };
}

/** A limit says nothing of a grant; our own registration, or a new token, begin it anew. */
function nextFailing(grant: Grant, failure: Failure, at: EpochMs): Failing | undefined {
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

/** From now on whoever asks is told to sign in; it is tried on, seldom, since nothing definitive was said. */
export function tellFailing(grant: Grant, at: EpochMs): Grant {
  const { cooldown } = grant;
  if (cooldown?.failing === undefined) {
    return grant;
  }
  const until = Math.max(cooldown.until, at + FAILING_COOLDOWN_MS);
  return {
    ...grant,
    cooldown: { ...cooldown, until, failing: { ...cooldown.failing, isTold: true } },
  };
}
