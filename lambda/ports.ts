/** The interfaces between use cases and the world. Adapters implement them; use cases know nothing else. */
import type {
  Cutoff,
  Cutoffs,
  EpochMs,
  Erasure,
  Evidence,
  Revocation,
  Session,
  User,
  UserRecord,
  UserinfoClaims,
  VerifiedIdToken,
} from "./model";
import type { Grant, Lease } from "./grant/grant";

export type { IdpProfile, IdTokenPolicy, KindClaim } from "./profile";
export {
  HttpFailure,
  type AuthorizationCode,
  type CodeOutcome,
  type HttpClient,
  type HttpLimit,
  type HttpRequest,
  type HttpResponse,
  type OwnApi,
  type TokenEndpoint,
  type TokenOutcome,
  type Userinfo,
} from "./provider";

export type * from "./moving";

export type {
  PageRequest,
  Recovery,
  RecoveryTask,
  RenewalQueue,
  SubjectList,
  SweepList,
  SweepPositions,
} from "./upkeep";

export interface Clock {
  now(): EpochMs;
}

/** Waiting is a port so that a test can decide what happens meanwhile. */
export interface Timer {
  sleep(milliseconds: number): Promise<void>;
}

export interface Random {
  /** 128 random bits or more, printable. */
  id(): string;
  /** [0, 1): for jitter only, never for secrets. */
  fraction(): number;
}

/** Log by allow-list: these members and no others can be written. */
export interface LogFields {
  readonly requestId?: string;
  readonly route?: string;
  readonly status?: number;
  readonly code?: string;
  readonly reason?: string;
  readonly outcome?: string;
  readonly durationMs?: number;
  readonly retryAfterSeconds?: number;
  readonly count?: number;
  /** Class name of an error's cause, or of an error that is none of ours, e.g. `ThrottlingException`. */
  readonly cause?: string;
  /** Name of the stage's setting that would have let this pass, e.g. `idp.trustedAzp`. */
  readonly setting?: string;
}

export interface Logger {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

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

/** Session tokens are made and recognised here; nothing else knows their form. */
export interface SessionTokens {
  create(): { readonly token: string; readonly tokenHash: string };
  isSessionToken(text: string): boolean;
  hash(text: string): string | undefined;
}

/** @throws UnavailableError, InternalError */
export interface SessionStore {
  create(session: Session): Promise<void>;
  find(tokenHash: string): Promise<Session | undefined>;
  /** Moves the idle limit, unless the session has ended meanwhile. */
  touch(session: Session): Promise<void>;
  /**
   * Some of the user's, in no order, through an index that lags behind by moments: one that was opened just now may be
   * missing, one that has ended may still be there.
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

/** For providers whose refresh tokens are JWTs signed with the ID token keys. */
export interface RefreshTokenVerifier {
  /**
   * Shows that the token is a refresh token of ours and of `sub` (S26).
   * @throws InvalidRequestError `not_a_refresh_token` or `foreign_subject`; UnavailableError.
   */
  verify(refreshToken: string, sub: string): Promise<void>;
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
  /** The same for that the user signed out everywhere: older proofs count no more. False where nothing was written. */
  signOut(user: User, signedOut: Cutoff): Promise<boolean>;
}

/** The only way in which a user item goes away: the account function alone may do it. */
export interface UserEraser extends Pick<UserStore, "find"> {
  /**
   * Puts a tombstone, marked as unfinished, in the place of `seen`: nothing of it is left but `sub` and the time.
   * False where the item is another one by now.
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
   * Compare-and-set: writes `next` with revision `expected + 1` if the item's revision is `expected` (0: no item yet).
   * A write of ours that was applied although its answer was lost counts as written (S50).
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
   * `grant`: strongly consistent. `isFrozen`: whether nobody may have one; `restoredAt`: when the table came back from a backup. Both are at
   * most a few seconds old.
   */
  read(sub: string): Promise<Issuance>;
}

export interface Issuance {
  readonly grant: Grant | undefined;
  /** Strongly consistent: grants of this user that were made until then have ended for good ({@link EndedMarks}). */
  readonly endedAt?: EpochMs | undefined;
  readonly isFrozen: boolean;
  readonly restoredAt?: EpochMs | undefined;
}

/** When grants of a user ended for good; kept outside of the grant's item. @throws UnavailableError, InternalError */
export interface EndedMarks {
  /** Strongly consistent. Undefined: none ever ended. */
  read(sub: string): Promise<EpochMs | undefined>;
  /** Never falls: nothing happens where it is as late already. Harmless to repeat. */
  raise(sub: string, at: EpochMs): Promise<void>;
}

export type SecretPurpose = "refresh_token" | "access_token";

/** What a ciphertext is bound to, besides the deployment's issuer and client (S37). */
export interface SealContext {
  readonly sub: string;
  readonly grantId: string;
  readonly gen: number;
  readonly purpose: SecretPurpose;
}

/** One fresh KMS data key. Sealing is local and cannot fail for want of a network. */
export interface SealingKey {
  seal(plaintext: string, purpose: SecretPurpose): Uint8Array;
}

/** Can seal and cannot open: `kms:GenerateDataKey`. */
export interface Sealer {
  newKey(context: Omit<SealContext, "purpose">): Promise<SealingKey>;
}

/** Can open: `kms:Decrypt`, the refresh function only. */
export interface Opener {
  open(ciphertext: Uint8Array, context: SealContext): Promise<string>;
}

/** @throws UnavailableError `client_secret_unavailable`; InternalError `client_secret_missing`, `client_secret_malformed`. */
export interface ClientSecretSource {
  /** At most five minutes old (S42). */
  current(): Promise<string>;
  /** Read now, past the cache. */
  reread(): Promise<string>;
}
