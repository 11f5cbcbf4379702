/**
 * How long each function may run, from how long the provider may take (lambda/time-limits.ts). The
 * one place where the two meet: leases, queues and waiting callers follow from these (decision
 * 0023).
 */
import { Duration } from "aws-cdk-lib";
import type { IdpSettings } from "../lambda/env";
import { DEFAULT_TIME_LIMITS, minExchangeMs, timeLimitsOf } from "../lambda/time-limits";

export interface FunctionTimeouts {
  /** Whatever asks the provider for nothing but its key set. */
  readonly plain: Duration;
  /** Users, where they are asked for afresh. */
  readonly users: Duration;
  /** Takes refresh tokens in; one that is opaque shows by an exchange whose it is. */
  readonly intake: Duration;
  /** An exchange, its retry with a client secret read again, and the commit. */
  readonly exchange: Duration;
  /**
   * The same where tokens rotate: others wait that long for a holder that died, so it is no longer
   * than it has to be.
   */
  readonly rotatingExchange: Duration;
  /** Takes over for whoever died. It holds leases itself. */
  readonly recovery: Duration;
}

/** Of waiting for somebody else's exchange, or for the end of a lease. */
const WAIT_MS = 3_000;
/** For what lies around an exchange. */
const AROUND_MS = 2_000;
const PLAIN_MS = 10_000;

export function functionTimeouts(idp: IdpSettings): FunctionTimeouts {
  const limits = timeLimitsOf(idp);
  const exchangeMs = minExchangeMs(limits.tokenEndpointTimeoutMs);
  // The sums below have room for the default; what goes beyond comes on top.
  const beyond = (name: keyof typeof limits) =>
    Math.max(0, limits[name] - DEFAULT_TIME_LIMITS[name]);
  const keySetMs = beyond("jwksTimeoutMs");
  return {
    plain: wholeSeconds(PLAIN_MS + keySetMs),
    users: wholeSeconds(PLAIN_MS + keySetMs + beyond("userinfoTimeoutMs")),
    intake: wholeSeconds(PLAIN_MS + keySetMs + beyond("tokenEndpointTimeoutMs")),
    exchange: wholeSeconds(WAIT_MS + exchangeMs + AROUND_MS + keySetMs),
    rotatingExchange: wholeSeconds(WAIT_MS + exchangeMs + keySetMs),
    recovery: wholeSeconds(WAIT_MS + exchangeMs + AROUND_MS),
  };
}

/** Lambda takes no others. */
function wholeSeconds(milliseconds: number): Duration {
  return Duration.seconds(Math.ceil(milliseconds / 1_000));
}

/** Lease margin, messages and clocks (decision 0023). */
const MESSAGES_SECONDS = 4;

/**
 * How long a rotated refresh token must still be good where it has a grace time: until whoever died
 * has been replaced.
 */
export function graceSecondsNeeded(idp: IdpSettings): number {
  const { rotatingExchange, recovery } = functionTimeouts(idp);
  const { tokenEndpointTimeoutMs } = timeLimitsOf(idp);
  const longest = Math.max(rotatingExchange.toSeconds(), recovery.toSeconds());
  return longest + MESSAGES_SECONDS + Math.ceil(tokenEndpointTimeoutMs / 1_000) + 2;
}
