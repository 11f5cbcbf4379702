/** Tokens that callers present: their verification, and the creation of session tokens. */
import type { VerifiedIdToken } from "../model";

/**
 * Verifies ID tokens (OpenID Connect Core 3.1.3.7) with the provider's published keys.
 * @throws UnauthorizedError; UnavailableError where the key set cannot be fetched
 */
export interface IdTokenVerifier {
  /**
   * Fetches the key set where it is missing or old: called before an authorization code is spent.
   * @throws UnavailableError alone
   */
  ready(): Promise<void>;
  /** An ID token out of a request: bounded in size and age by the profile (S17). */
  verify(idToken: string): Promise<VerifiedIdToken>;
  /**
   * An ID token out of a token response. Its size is bounded by the response, its age by its `exp`,
   * and its `kid` is the provider's, so that an unknown one is always looked up.
   */
  verifyExchanged(idToken: string): Promise<VerifiedIdToken>;
}

/** Verifies refresh tokens of providers that issue them as JWTs, signed with the ID token keys. */
export interface RefreshTokenVerifier {
  /**
   * Checks that the token was issued to this client, as a refresh token, for `sub` (S26).
   * @throws InvalidRequestError `not_a_refresh_token` or `foreign_subject`; UnavailableError
   */
  verify(refreshToken: string, sub: string): Promise<void>;
}

/**
 * Session tokens. Only this port knows their format.
 *
 * @example
 * const { token, tokenHash } = tokens.create(); // "rvs_…" for the client, its hash for the table
 */
export interface SessionTokens {
  create(): { readonly token: string; readonly tokenHash: string };
  isSessionToken(text: string): boolean;
  hash(text: string): string | undefined;
}
