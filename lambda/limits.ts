/**
 * How often one person may do what costs others something. Imports nothing: the stage file (lib/), the environment (env.ts)
 * and the contract (packages/api-contract/src/) all take their numbers from here.
 */

export interface Limits {
  /** Sessions of one user. One more ends the one that nobody used for longest. */
  readonly sessionsPerUser: number;
  /**
   * Seconds. An access token that was obtained less than so long ago answers any call, whatever `min_validity` it asks
   * for: so one grant causes one token request in this time, and no more, as long as its tokens live that long. 0: none.
   */
  readonly exchangeIntervalSeconds: number;
  /** Callers who wait for one exchange under way, over all instances; each occupies one. The rest are sent away with `Retry-After`. */
  readonly waitingCallers: number;
  /**
   * Authorization codes of one network (an IPv4 address, a /64 of IPv6) that came to nothing, per minute and instance; of
   * all networks together ten times as many. Rollup ID tells no bad code from an outage, so any code counts that brings no tokens.
   */
  readonly refusedCodesPerMinute: number;
  /**
   * Refresh tokens that one user hands in, per minute and instance: each takes a token request, an opaque one at once, any
   * other with the next access token.
   */
  readonly refreshTokensPerMinute: number;
  /** Userinfo requests of one user (`GET /me?fresh=true`), per minute and instance. */
  readonly userinfoPerMinute: number;
}

/** No stage may have more, so that the list and the export of a user's sessions are whole. */
export const MAX_SESSIONS_PER_USER = 1_000;

export const DEFAULT_LIMITS: Limits = {
  sessionsPerUser: 50,
  exchangeIntervalSeconds: 60,
  waitingCallers: 2,
  refusedCodesPerMinute: 10,
  refreshTokensPerMinute: 10,
  userinfoPerMinute: 30,
};
