/** The nouns. Times are epoch milliseconds inside; `http/` writes them as RFC 3339. */
import type { MOVED_TOKENS } from "./facts";

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue };

/** Claims that the profile allows to be kept, already checked for type and size. */
export type Claims = Readonly<Record<string, JsonValue>>;

/** An ID token that passed every check of `auth/`; nothing else is ever made into one. */
export interface VerifiedIdToken {
  /** OIDC Core 2; unique and stable within the one issuer of a deployment. */
  readonly sub: string;
  readonly issuedAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly claims: Claims;
  /** OIDC Core 2; what the code flow is bound to where the provider honours it. */
  readonly nonce?: string | undefined;
  /** SHA-256 of what is signed, base64url: tells two tokens of the same second apart. */
  readonly tokenHash: string;
}

/** What shows who a caller is, and how old that is; compared with a {@link Cutoff}. */
export interface Evidence {
  readonly sub: string;
  /**
   * The last moment at which it can have been made: `iat` counts whole seconds, so for an ID token
   * the end of that second.
   */
  readonly at: EpochMs;
  /** Of an ID token that somebody else could have, too. */
  readonly tokenHash: string | undefined;
}

/** Older evidence counts no more (cutoff.ts). */
export interface Cutoff {
  readonly at: EpochMs;
  /** ID tokens known at that time: in its second nothing else tells an old one from a new one. */
  readonly tokenHashes: readonly string[];
}

/** The user asked to be forgotten. */
export type Erasure = Cutoff;

/** What a record says of older proofs. */
export interface Cutoffs {
  readonly erasure?: Erasure | undefined;
  /** The user signed out everywhere. */
  readonly signedOut?: Cutoff | undefined;
}

/** `iat` counts whole seconds (RFC 7519 section 4.1.6). */
const LAST_MS_OF_SECOND = 999;

export function evidenceOf({ sub, issuedAt, tokenHash }: VerifiedIdToken): Evidence {
  return { sub, at: issuedAt + LAST_MS_OF_SECOND, tokenHash };
}

/**
 * A session counts as made when it was opened, or when what opened it was, whichever is earlier:
 * clocks differ.
 */
export function evidenceOfSession({ sub, createdAt, openedBy }: Session): Evidence {
  const { at, tokenHash } = openedBy;
  return { sub, at: Math.min(createdAt, at), tokenHash };
}

/** Who is calling, and by what they were authenticated. */
export type Caller = IdTokenCaller | SessionCaller;

interface IdTokenCaller {
  readonly kind: "id_token";
  readonly sub: string;
  readonly evidence: Evidence;
  readonly idToken: VerifiedIdToken;
}

export interface SessionCaller {
  readonly kind: "session";
  readonly sub: string;
  readonly evidence: Evidence;
  readonly session: Session;
}

/** One signed-in browser or app. Its token is known to its holder alone. */
export interface Session {
  /** SHA-256 of the token, base64url. */
  readonly tokenHash: string;
  /** For its owner to name it by; not a credential. */
  readonly id: string;
  readonly sub: string;
  /** What it was opened with: it is no better than that ({@link Evidence}). */
  readonly openedBy: Pick<Evidence, "at" | "tokenHash">;
  readonly createdAt: EpochMs;
  /** At most a tenth of the idle limit late. */
  readonly lastSeenAt: EpochMs;
  readonly idleExpiresAt: EpochMs;
  /** However busy it is. */
  readonly expiresAt: EpochMs;
  /** Family only, e.g. `Firefox`. */
  readonly userAgent: string;
}

/** How long sessions last. */
export interface SessionLimits {
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
}

export interface UserinfoClaims {
  readonly claims: Claims;
  readonly at: EpochMs;
}

/** What is known of the user by now: for a claim that both have, the later word. */
export function mergedClaims({
  claims,
  claimsIssuedAt,
  userinfo,
}: Pick<User, "claims" | "claimsIssuedAt" | "userinfo">): Claims {
  const told = userinfo?.claims ?? {};
  return (userinfo?.at ?? 0) >= claimsIssuedAt ? { ...claims, ...told } : { ...told, ...claims };
}

export interface User {
  readonly sub: string;
  readonly claims: Claims;
  /** What the provider's userinfo said last, where it was asked. */
  readonly userinfo?: UserinfoClaims | undefined;
  /** The app's own data about the user; the product never writes into it by itself. */
  readonly attributes: Readonly<Record<string, JsonValue>>;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  /** `iat` of the token that the claims came from: an older one never overwrites them (S24). */
  readonly claimsIssuedAt: EpochMs;
  /** Of that token. */
  readonly claimsTokenHash: string | undefined;
  /** 1 at creation, one more with every write. */
  readonly version: number;
  /**
   * Earlier attributes could not be read when the user signed in: they are set aside in the store,
   * for the operator.
   */
  readonly hasSetAside?: true;
}

/**
 * A user of whom something cannot be read: the rest, which is erased, exported and mended, and
 * never taken for the whole.
 */
export interface DamagedUser {
  readonly rest: Partial<User>;
  /** Of `User`, also `erasure` and `schemaVersion`. */
  readonly unreadable: readonly string[];
  /** The item as it was seen, for the store alone: a write over it is for that very item. */
  readonly seen: Readonly<Record<string, unknown>>;
}

/**
 * What is known of a `sub`: a user, that there was one, or both where somebody erased came back.
 */
export interface UserRecord extends Cutoffs {
  readonly user: User | undefined;
  /** Set when the erasure has been carried through; until then tokens and sessions may be left. */
  readonly revocation: Revocation | undefined;
  /** There is something, and it is not readable as a whole; `user` is undefined then. */
  readonly damage?: DamagedUser | undefined;
  /** The operator moved the user to another subject; the erasure beside it is the move's. */
  readonly movedTo?: MovedUser | undefined;
  /** What the last move brought into this record. */
  readonly movedFrom?: MovedRecord | undefined;
}

/** What became of the refresh token at the provider (RFC 7009). */
export type Revocation = "revoked" | "not_revoked" | "no_endpoint" | "no_token";

/** Receipt of an erasure, for its owner. */
export interface ErasureReceipt {
  readonly sub: string;
  readonly erasedAt: EpochMs;
  readonly revocation: Revocation;
}

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
export type MovedToken = (typeof MOVED_TOKENS)[number];

/** Where the grant of a row went. Nothing of it may be revoked: it lives on there. */
export interface MovedGrant {
  /** The move's, and the `grantId` that the grant has there. */
  readonly id: string;
  readonly sub: string;
  /** The `grantId` that it had here. */
  readonly was: string;
  readonly token: MovedToken;
}

/** What a caller gets from `POST /me/access-token`. */
export interface AccessToken {
  readonly accessToken: string;
  readonly tokenType: "Bearer";
  readonly expiresAt: EpochMs;
  readonly scope: string | undefined;
}
