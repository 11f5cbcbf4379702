/** What a move of a user to another subject leaves in the items of both (use-cases/move-user.ts). Imports nothing. */

/** Which names a move brought; the values are in the record, or were. */
export interface MovedRecord {
  /** The move's ({@link MovedGrant}). */
  readonly id: string;
  /** There was no record before. */
  readonly isNew: boolean;
  /** Names of attributes that the record has from the old subject. */
  readonly kept: readonly string[];
  /** Names of those of which this subject had another value, which stayed. */
  readonly dropped: readonly string[];
}

/** What is left of a move where the user was. */
export interface MovedUser {
  readonly id: string;
  readonly sub: string;
  /** False: there was a connection alone. */
  readonly hadRecord: boolean;
  readonly refreshToken: MovedToken;
  readonly sessionsEnded: number;
}

/** What became of the refresh token of a user who was moved. */
export type MovedToken =
  | "moved"
  /** The other subject has a connection of its own, which stays. */
  | "kept_target"
  /** There is none that can be used: the user has to sign in. */
  | "needs_sign_in"
  | "none"
  /** The other subject was disconnected or erased while the move was under way. */
  | "dropped";

/** Where the grant of a row went. Nothing of it may be revoked: it lives on there. */
export interface MovedGrant {
  /** The move's, and the `grantId` that the grant has there. */
  readonly id: string;
  readonly sub: string;
  /** The `grantId` that it had here. */
  readonly was: string;
  readonly token: MovedToken;
}
