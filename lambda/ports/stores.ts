/** What use cases ask of the tables; `lambda/store/` implements it with DynamoDB. */
import type {
  Cutoff,
  Cutoffs,
  EpochMs,
  Erasure,
  Evidence,
  Grant,
  Lease,
  Revocation,
  Session,
  User,
  UserRecord,
  UserinfoClaims,
  VerifiedIdToken,
} from "../model";

/** @throws UnavailableError, InternalError */
export interface SessionStore {
  create(session: Session): Promise<void>;
  find(tokenHash: string): Promise<Session | undefined>;
  /** Moves the idle limit, unless the session has ended meanwhile. */
  touch(session: Session): Promise<void>;
  /**
   * Some of the user's, in no order, through an index that lags behind by moments: one that was
   * opened just now may be missing, one that has ended may still be there.
   */
  page(sub: string, request: SessionPageRequest): Promise<SessionPage>;
  end(tokenHash: string): Promise<void>;
}

export interface SessionPageRequest {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after: string | undefined;
}

export interface SessionPage {
  readonly entries: readonly SessionEntry[];
  /** Opaque; undefined on the last page. */
  readonly next: string | undefined;
}

export interface SessionEntry {
  readonly tokenHash: string;
  /** Undefined where the item cannot be read; it can be ended all the same. */
  readonly session: Session | undefined;
}

/** @throws UnavailableError `store_unavailable` or `unknown_schema_version`; InternalError. */
export interface UserStore {
  /**
   * One conditional write. An older token leaves the item as it is and gets it back (S24, S25).
   * @throws UnauthorizedError `erased_user` or `signed_out` where `evidence` counts no more
   */
  upsert(
    idToken: VerifiedIdToken,
    evidence: Evidence,
    now: EpochMs,
  ): Promise<Cutoffs & { user: User; created: boolean }>;
  /** Strongly consistent. */
  find(sub: string): Promise<UserRecord>;
  /** Compare-and-set on the version of `user`; undefined where it has another one by now. */
  putAttributes(
    user: User,
    attributes: User["attributes"],
    now: EpochMs,
  ): Promise<User | undefined>;
  /** The same for what userinfo said. Creates no user, and brings none back. */
  putUserinfo(user: User, userinfo: UserinfoClaims, now: EpochMs): Promise<User | undefined>;
  /**
   * The same for that the user signed out everywhere: older proofs count no more. False where
   * nothing was written.
   */
  signOut(user: User, signedOut: Cutoff): Promise<boolean>;
}

/** The only way in which a user item goes away: the account function alone may do it. */
export interface UserEraser extends Pick<UserStore, "find"> {
  /**
   * Puts a tombstone, marked as unfinished, in the place of `seen`: nothing of it is left but `sub`
   * and the time. False where the item is another one by now.
   */
  begin(sub: string, seen: UserRecord, erasure: Erasure): Promise<boolean>;
  /** Takes the mark away. Nothing happens where somebody signed up anew, or was erased again. */
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
   * Compare-and-set: writes `next` with revision `expected + 1` if the item's revision is
   * `expected` (0: no item yet). A write of ours that was applied although its answer was lost
   * counts as written (S50).
   */
  write(next: Grant, expected: number): Promise<GrantWrite>;
}

/** Bounds how many callers wait for one lease, over all instances. Never in a holder's way. */
export interface WaitingRoom {
  /**
   * Takes one of `max` places for the lease that `grant` has.
   * @returns false where all are taken, or that lease is over
   * @throws UnavailableError, InternalError
   */
  enter(grant: Grant & { readonly lease: Lease }, max: number): Promise<boolean>;
}

/** What says whether somebody may have an access token. @throws UnavailableError, InternalError */
export interface IssuanceReader {
  /**
   * `grant`: strongly consistent. `isFrozen`: whether nobody may have one; `restoredAt`: when the
   * table came back from a backup. Both are at most a few seconds old.
   */
  read(sub: string): Promise<Issuance>;
}

export interface Issuance {
  readonly grant: Grant | undefined;
  /**
   * Strongly consistent: grants of this user that were made until then have ended for good ({@link
   * EndedMarks}).
   */
  readonly endedAt?: EpochMs | undefined;
  readonly isFrozen: boolean;
  readonly restoredAt?: EpochMs | undefined;
}

/**
 * When grants of a user ended for good; kept outside of the grant's item.
 * @throws UnavailableError, InternalError
 */
export interface EndedMarks {
  /** Strongly consistent. Undefined: none ever ended. */
  read(sub: string): Promise<EpochMs | undefined>;
  /** Never falls: nothing happens where it is as late already. Harmless to repeat. */
  raise(sub: string, at: EpochMs): Promise<void>;
}
