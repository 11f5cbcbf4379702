/**
 * The timeout of each function, computed from the time limits of requests to the provider
 * (lambda/time-limits.ts). Leases, queues and waiting callers follow from these (decision 0023).
 */
import { Duration } from "aws-cdk-lib";
import { MAX_WAIT_MS, SWEEP_EVERY_MS, SWEEP_MS } from "../lambda/deadlines";
import {
  DEFAULT_TIME_LIMITS,
  MAX_TIME_LIMITS,
  minExchangeMs,
  type TimeLimits,
  timeLimitsOf,
} from "../lambda/time-limits";

export interface FunctionTimeouts {
  /** Functions that ask the provider only for its key set. */
  readonly plain: Duration;
  /** Users: also a userinfo request. */
  readonly users: Duration;
  /** RefreshToken: also one refresh, where tokens are opaque. */
  readonly intake: Duration;
  /** A refresh, its retry with a client secret that was read again, and the commit. */
  readonly exchange: Duration;
  /**
   * The same where tokens rotate. Other callers wait this long after a crash, so it is no longer
   * than necessary.
   */
  readonly rotatingExchange: Duration;
  /** Recovery. It holds leases itself. */
  readonly recovery: Duration;
}

/** Everything before and after a refresh. */
const AROUND_MS = 2_000;
const PLAIN_MS = 10_000;

export function functionTimeouts(idp: Partial<TimeLimits>): FunctionTimeouts {
  const limits = timeLimitsOf(idp);
  const exchangeMs = minExchangeMs(limits.tokenEndpointTimeoutMs);
  // The sums below include the defaults; longer limits are added.
  const beyond = (name: keyof typeof limits) =>
    Math.max(0, limits[name] - DEFAULT_TIME_LIMITS[name]);
  const keySetMs = beyond("jwksTimeoutMs");
  return {
    plain: wholeSeconds(PLAIN_MS + keySetMs),
    users: wholeSeconds(PLAIN_MS + keySetMs + beyond("userinfoTimeoutMs")),
    intake: wholeSeconds(PLAIN_MS + keySetMs + beyond("tokenEndpointTimeoutMs")),
    exchange: wholeSeconds(MAX_WAIT_MS + exchangeMs + AROUND_MS + keySetMs),
    rotatingExchange: wholeSeconds(MAX_WAIT_MS + exchangeMs + keySetMs),
    recovery: wholeSeconds(MAX_WAIT_MS + exchangeMs + AROUND_MS),
  };
}

/** Lambda accepts whole seconds only. */
function wholeSeconds(milliseconds: number): Duration {
  return Duration.seconds(Math.ceil(milliseconds / 1_000));
}

/** Lease margin, messages and clocks (decision 0023). */
const MESSAGES_SECONDS = 4;

/**
 * Seconds for which a replaced refresh token must stay good with a grace time: until recovery has
 * completed the refresh of a caller that crashed.
 */
export function graceSecondsNeeded(idp: Partial<TimeLimits>): number {
  const { rotatingExchange, recovery } = functionTimeouts(idp);
  const { tokenEndpointTimeoutMs } = timeLimitsOf(idp);
  const longest = Math.max(rotatingExchange.toSeconds(), recovery.toSeconds());
  return longest + MESSAGES_SECONDS + Math.ceil(tokenEndpointTimeoutMs / 1_000) + 2;
}

/**
 * The shortest time, in seconds, in which an unused refresh token may lapse and is still renewed
 * before (lambda/deadlines.ts), with the longest time limits that a stage can set.
 */
export function idleSecondsNeeded(): number {
  const sweepSeconds = (2 * SWEEP_EVERY_MS + SWEEP_MS) / 1_000;
  const recoverySeconds = functionTimeouts(MAX_TIME_LIMITS).recovery.toSeconds();
  return 2 * (sweepSeconds + MESSAGES_SECONDS + recoverySeconds);
}
