/**
 * The tables as use cases see them. `lambda/store/` implements these ports with DynamoDB,
 * test/support/ in memory; one contract suite holds both to them (test/contract/).
 */
import type { Grant, Lease } from "../grant/grant";
import type {
  Cutoff,
  Cutoffs,
  EpochMs,
  Erasure,
  Evidence,
  Revocation,
  Session,
  User,
  UserinfoClaims,
  UserRecord,
  VerifiedIdToken,
} from "../model";

/** @throws UnavailableError, InternalError */
export interface SessionStore {
  create(session: Session): Promise<void>;
  find(tokenHash: string): Promise<Session | undefined>;
  /** Moves the idle limit. Does nothing where the session has ended in the meantime. */
  touch(session: Session): Promise<void>;
  /**
   * A page of the user's sessions, in no order, by an index that lags behind by moments: a session
   * opened just now may be missing, and one that has ended may still be there.
   */
  page(sub: string, request: SessionPageRequest): Promise<SessionPage>;
  end(tokenHash: string): Promise<void>;
}

export interface SessionPageRequest {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after: string | undefined;
}

interface SessionPage {
  readonly entries: readonly SessionEntry[];
  /** Opaque; undefined on the last page. */
  readonly next: string | undefined;
}

export interface SessionEntry {
  readonly tokenHash: string;
  /** Undefined where the item cannot be read. It can still be ended. */
  readonly session: Session | undefined;
}

/** @throws UnavailableError `store_unavailable` or `unknown_schema_version`; InternalError. */
export interface UserStore {
  /**
   * Creates the user, or updates the claims, in one conditional write. An ID token older than the
   * stored claims changes nothing and gets the stored user (S24, S25).
   * @returns the user, whether it is new, and the cutoffs of the record
   * @throws UnauthorizedError `erased_user` or `signed_out` where `evidence` is older than a cutoff
   */
  upsert(
    idToken: VerifiedIdToken,
    evidence: Evidence,
    now: EpochMs,
  ): Promise<Cutoffs & { user: User; created: boolean }>;
  /** Strongly consistent. */
  find(sub: string): Promise<UserRecord>;
  /**
   * Compare-and-set on `user.version`.
   * @returns the user as written; undefined on a conflict
   */
  putAttributes(
    user: User,
    attributes: User["attributes"],
    now: EpochMs,
  ): Promise<User | undefined>;
  /**
   * The same for the claims of userinfo. Never creates a user, and never restores an erased one.
   */
  putUserinfo(user: User, userinfo: UserinfoClaims, now: EpochMs): Promise<User | undefined>;
  /**
   * The same for a sign-out everywhere: older ID tokens and sessions are refused from then on.
   * @returns false on a conflict
   */
  signOut(user: User, signedOut: Cutoff): Promise<boolean>;
}

/** Erases users. Only the account function has the right to begin. */
export interface UserEraser extends Pick<UserStore, "find"> {
  /**
   * Replaces `seen` by a tombstone that is marked as unfinished and keeps only `sub` and the time.
   * @returns false on a conflict
   */
  begin(sub: string, seen: UserRecord, erasure: Erasure): Promise<boolean>;
  /** Removes the mark. Does nothing where the user has signed up again or was erased again. */
  finish(sub: string, erasure: Erasure, revocation: Revocation): Promise<void>;
}

export type GrantWrite =
  | { readonly written: true; readonly grant: Grant }
  | { readonly written: false; readonly current: Grant | undefined };

/** @throws UnavailableError (also `unknown_schema_version`), InternalError. */
export interface GrantStore {
  /** Strongly consistent. */
  read(sub: string): Promise<Grant | undefined>;
  /**
   * Compare-and-set: writes `next` as revision `expected + 1` if the item has revision `expected`
   * (0: there is no item). A write of this call that was applied although its answer was lost
   * counts as written (S50).
   * @example
   * const result = await grants.write(next, grant.revision);
   * if (!result.written) { grant = result.current; } // another writer was faster: decide again
   */
  write(next: Grant, expected: number): Promise<GrantWrite>;
}

/**
 * Bounds how many callers wait for one lease, over all instances of the function. It never delays
 * the holder of the lease.
 */
export interface WaitingRoom {
  /**
   * Takes one of `max` places for the lease that `grant` has.
   * @returns false where all are taken, or that lease is over
   * @throws UnavailableError, InternalError
   */
  enter(grant: Grant & { readonly lease: Lease }, max: number): Promise<boolean>;
}

/**
 * Reads what decides whether a user may have an access token.
 * @throws UnavailableError, InternalError
 */
export interface IssuanceReader {
  /**
   * `grant` and `endedAt` are strongly consistent; `isFrozen` (the switch for all users) and
   * `restoredAt` (when the table was restored from a backup) are at most a few seconds old.
   */
  read(sub: string): Promise<Issuance>;
}

export interface Issuance {
  readonly grant: Grant | undefined;
  /** Grants of this user that were made until then have ended for good ({@link EndedMarks}). */
  readonly endedAt?: EpochMs;
  readonly isFrozen: boolean;
  readonly restoredAt?: EpochMs;
}

/**
 * When grants of a user ended for good. Kept outside of the grant's item, so that an older item
 * that is restored does not revive its grant.
 * @throws UnavailableError, InternalError
 */
export interface EndedMarks {
  /** Strongly consistent. Undefined: no grant of this user ever ended. */
  read(sub: string): Promise<EpochMs | undefined>;
  /** Never goes back: does nothing where the mark is as late already. Idempotent. */
  raise(sub: string, at: EpochMs): Promise<void>;
}
