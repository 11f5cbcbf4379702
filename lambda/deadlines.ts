/**
 * The time budgets of the refresh protocol, named in one place; those of requests to the provider
 * and of the commit are in time-limits.ts. lib/function-timeouts.ts makes the functions as long as
 * these sums ask for, and `lambda/refresh/` asks for no more (decision 0023). In milliseconds.
 *
 * One call of `POST /me/access-token` where tokens rotate, with a provider that may take 4 s:
 *
 *     13 s = 3 s  MAX_WAIT_MS: another caller's refresh, or the end of a lease
 *          + 10 s minExchangeMs: two requests of 4 s, and 2 s for the commit
 *     15 s = 13 s + LEASE_MARGIN_MS: when its lease lapses
 *
 * The end of the same call, counted back from its deadline:
 *
 *     2 s    SPILL_RESERVE_MS: the store alone is asked until then, the store and the queue in turn
 *     1 s    WAIT_RESERVE_MS: waiting callers are sent away
 *     0.5 s  ANSWER_RESERVE_MS: nothing is tried again
 *
 * A renewal of a token that lapses unused, from when it is due to when it is made:
 *
 *     679 s = 300 s  SWEEP_EVERY_MS: until the next run of the sweeper
 *           +  60 s  SWEEP_MS: until that run has come to it
 *           + 300 s  SWEEP_EVERY_MS: what one run finds is spread over the time until the next
 *           +  19 s  messages, and the recovery function
 *
 * It is due after half of the time in which the token lapses (grant/phase.ts), so that time is
 * twice this sum at least (lib/function-timeouts.ts).
 */

/** Between two runs of the sweeper. */
export const SWEEP_EVERY_MS = 300_000;
/** One run of it. */
export const SWEEP_MS = 60_000;

/** For another caller's refresh, or for the end of a lease; then `Retry-After`. */
export const MAX_WAIT_MS = 3_000;

/**
 * A lease lasts until its holder's deadline and this much longer (refresh/exchange.ts): clocks
 * differ by less.
 */
export const LEASE_MARGIN_MS = 2_000;

/** Left of the function's time when retrying ends, so that there is always an answer. */
export const ANSWER_RESERVE_MS = 500;
/** Left when the store alone has been retried, where there is a queue for the successor. */
export const SPILL_RESERVE_MS = 2_000;
/** Left when waiting ends. */
export const WAIT_RESERVE_MS = 1_000;
/**
 * Left of the recovery function's time when retrying ends, so that its item fails in good order.
 */
export const RECOVERY_RESERVE_MS = 1_000;

/** Bounds of a pause that doubles (lambda/refresh/backoff.ts). */
export interface Pauses {
  readonly first: number;
  readonly max: number;
}

/** Between two attempts at the store. */
export const STORE_PAUSES: Pauses = { first: 50, max: 800 };
/** Between two rounds of store and queue, and between two looks at a row that others work at. */
export const POLL_PAUSES: Pauses = { first: 50, max: 400 };
