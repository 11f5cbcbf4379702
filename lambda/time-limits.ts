/**
 * Time limits of requests to the provider, and what follows from them. Imports nothing: lib/
 * computes the functions' timeouts from these sums, and the refresh protocol relies on them
 * (decision 0023).
 */

export interface TimeLimits {
  /** One token request or revocation, from connecting to the last byte. */
  readonly tokenEndpointTimeoutMs: number;
  /** One request for the key set. */
  readonly jwksTimeoutMs: number;
  /** One request to the UserInfo endpoint. */
  readonly userinfoTimeoutMs: number;
}

export const DEFAULT_TIME_LIMITS: TimeLimits = {
  tokenEndpointTimeoutMs: 4_000,
  jwksTimeoutMs: 1_500,
  userinfoTimeoutMs: 2_000,
};

/** API Gateway ends a request after 30 s; the longest timeout that follows from these is 27 s. */
export const MAX_TIME_LIMITS: TimeLimits = {
  tokenEndpointTimeoutMs: 8_000,
  jwksTimeoutMs: 5_000,
  userinfoTimeoutMs: 4_000,
};

export const MIN_TIME_LIMITS: TimeLimits = {
  tokenEndpointTimeoutMs: 1_000,
  jwksTimeoutMs: 500,
  userinfoTimeoutMs: 500,
};

/** For the commit: storing the result of a request. */
const COMMIT_MS = 2_000;

/**
 * How long what the client signs is good for. Longer than any function runs after it has signed,
 * and no longer than Keycloak allows (60 s; keycloak/keycloak#38576): Auth0 allows 5 minutes, Okta
 * an hour, Apple six months.
 */
export const ASSERTION_SECONDS = 60;

export function timeLimitsOf(settings: Partial<TimeLimits>): TimeLimits {
  const {
    tokenEndpointTimeoutMs = DEFAULT_TIME_LIMITS.tokenEndpointTimeoutMs,
    jwksTimeoutMs = DEFAULT_TIME_LIMITS.jwksTimeoutMs,
    userinfoTimeoutMs = DEFAULT_TIME_LIMITS.userinfoTimeoutMs,
  } = settings;
  return { tokenEndpointTimeoutMs, jwksTimeoutMs, userinfoTimeoutMs };
}

/** Left of a function's time before a token request is sent: the request and the commit. */
export function minRequestMs(tokenEndpointTimeoutMs: number): number {
  return tokenEndpointTimeoutMs + COMMIT_MS;
}

/**
 * Left before an exchange begins: two requests (the second with a client secret read again) and the
 * commit.
 */
export function minExchangeMs(tokenEndpointTimeoutMs: number): number {
  return 2 * tokenEndpointTimeoutMs + COMMIT_MS;
}
