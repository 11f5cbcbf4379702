/**
 * How often one person may do what costs others something. Imports nothing: the stage file (lib/), the environment (env.ts)
 * and the contract (openapi/) all take their numbers from here.
 */

export interface Limits {
  /** Sessions of one user. One more ends the one that nobody used for longest. */
  readonly sessionsPerUser: number;
  /**
   * Seconds. An access token that was obtained less than so long ago answers any call, whatever `min_validity` it asks
   * for: so one user causes one token request in this time, and no more.
   */
  readonly exchangeIntervalSeconds: number;
  /** Callers who wait for one exchange under way; each occupies an instance. The rest are sent away with `Retry-After`. */
  readonly waitingCallers: number;
  /** Authorization codes of one network address that the provider refused, per minute and instance. */
  readonly refusedCodesPerMinute: number;
  /** Opaque refresh tokens that one user hands in, per minute and instance: each takes a token request. */
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
