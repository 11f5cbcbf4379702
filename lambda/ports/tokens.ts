/** Tokens that callers bring: who checks them, and who makes those of sessions. */
import type { VerifiedIdToken } from "../model";

/** @throws UnauthorizedError, or UnavailableError where the key set cannot be had. */
export interface IdTokenVerifier {
  /** So that there are keys before a code is spent. Throws UnavailableError alone. */
  ready(): Promise<void>;
  /** One that a request brought: no larger than the profile says (S17), and no older. */
  verify(idToken: string): Promise<VerifiedIdToken>;
  /**
   * One that came straight from the token endpoint: as large as an answer may be, as old as its
   * `exp` says, and nobody has made its `kid` up.
   */
  verifyExchanged(idToken: string): Promise<VerifiedIdToken>;
}

/** For providers whose refresh tokens are JWTs signed with the ID token keys. */
export interface RefreshTokenVerifier {
  /**
   * Shows that the token is a refresh token of ours and of `sub` (S26).
   * @throws InvalidRequestError `not_a_refresh_token` or `foreign_subject`; UnavailableError.
   */
  verify(refreshToken: string, sub: string): Promise<void>;
}

/** Session tokens are made and recognised here; nothing else knows their form. */
export interface SessionTokens {
  create(): { readonly token: string; readonly tokenHash: string };
  isSessionToken(text: string): boolean;
  hash(text: string): string | undefined;
}
