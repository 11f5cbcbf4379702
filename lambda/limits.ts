/**
 * Bounds on what one user or network may cause. Imports nothing: the stage (lib/), the environment
 * (env.ts) and the contract (packages/api-contract/) take their numbers from here.
 */

export interface Limits {
  /** Sessions of one user. One more ends the one that was unused for longest. */
  readonly sessionsPerUser: number;
  /**
   * Seconds. An access token that is younger than this, and has half of its lifetime left, answers
   * every call, regardless of its `min_validity`: so one grant causes at most one token request in
   * this time, or in half of a token's lifetime where that is shorter. 0: off.
   */
  readonly exchangeIntervalSeconds: number;
  /**
   * Callers who wait for one refresh in flight, over all instances; each occupies an instance. More
   * get 503 with `Retry-After`.
   */
  readonly waitingCallers: number;
  /**
   * Authorization codes of one network (an IPv4 address, or a /64 prefix of IPv6) that brought no
   * tokens, per minute and instance; for all networks together ten times as many. Rollup ID answers
   * a bad code as it answers in an outage, so all of them count.
   */
  readonly refusedCodesPerMinute: number;
  /**
   * Refresh tokens that one user hands in, per minute and instance. Each causes a token request: an
   * opaque one at once, any other with the next access token.
   */
  readonly refreshTokensPerMinute: number;
  /** Userinfo requests of one user (`GET /me?fresh=true`), per minute and instance. */
  readonly userinfoPerMinute: number;
}

/** The largest `sessionsPerUser`, so that the list and the export of sessions are complete. */
export const MAX_SESSIONS_PER_USER = 1_000;

export const DEFAULT_LIMITS: Limits = {
  sessionsPerUser: 50,
  exchangeIntervalSeconds: 60,
  waitingCallers: 2,
  refusedCodesPerMinute: 10,
  refreshTokensPerMinute: 10,
  userinfoPerMinute: 30,
};
