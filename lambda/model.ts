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

/** An ID token that passed every check in `auth/`. Only `auth/` creates this type. */
export interface VerifiedIdToken {
  /** OIDC Core 2; unique and stable within the one issuer of a deployment. */
  readonly sub: string;
  readonly issuedAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly claims: Claims;
  /**
   * OIDC Core 2. Where the provider honours it, it binds the ID token to the request that began the
   * code flow.
   */
  readonly nonce?: string;
  /**
   * SHA-256 of the signing input (RFC 7515 section 5.1), base64url: distinguishes two tokens of the
   * same second.
   */
  readonly tokenHash: string;
}

/** What shows who a caller is, with its age. It is compared with a {@link Cutoff}. */
export interface Evidence {
  readonly sub: string;
  /**
   * The latest moment at which it can have been made. `iat` counts whole seconds, so for an ID
   * token this is the last millisecond of that second.
   */
  readonly at: EpochMs;
  /**
   * Hash of the ID token, where another party could hold that token too; undefined after a code
   * exchange.
   */
  readonly tokenHash: string | undefined;
}

/** Older evidence no longer counts (cutoff.ts). */
export interface Cutoff {
  readonly at: EpochMs;
  /**
   * Hashes of the ID tokens known at that time. Within that second, only the hash tells an old
   * token from a new one.
   */
  readonly tokenHashes: readonly string[];
}

/** The cutoff that an erasure sets. */
export type Erasure = Cutoff;

/** The cutoffs that a user's record or a grant holds. */
export interface Cutoffs {
  readonly erasure?: Erasure;
  /** The user signed out everywhere. */
  readonly signedOut?: Cutoff;
}

/** `iat` counts whole seconds (RFC 7519 section 4.1.6). */
const LAST_MS_OF_SECOND = 999;

export function evidenceOf({ sub, issuedAt, tokenHash }: VerifiedIdToken): Evidence {
  return { sub, at: issuedAt + LAST_MS_OF_SECOND, tokenHash };
}

/**
 * A session is as old as its opening or as the evidence that opened it, whichever is earlier,
 * because clocks differ.
 */
export function evidenceOfSession({ sub, createdAt, openedBy }: Session): Evidence {
  const { at, tokenHash } = openedBy;
  return { sub, at: Math.min(createdAt, at), tokenHash };
}

/** An authenticated caller, and what authenticated them. */
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

/** One signed-in browser or app. Only its holder knows its token. */
export interface Session {
  /** SHA-256 of the token, base64url. */
  readonly tokenHash: string;
  /** Names the session in the user's own list; not a credential. */
  readonly id: string;
  readonly sub: string;
  /** The evidence that opened it. The session proves no more than that ({@link Evidence}). */
  readonly openedBy: Pick<Evidence, "at" | "tokenHash">;
  readonly createdAt: EpochMs;
  /** Behind the last use by at most a tenth of the idle limit. */
  readonly lastSeenAt: EpochMs;
  readonly idleExpiresAt: EpochMs;
  /** The absolute limit, which use does not extend. */
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

/**
 * The claims of the ID token and of userinfo in one object. For a claim that both have, the later
 * source wins.
 */
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
  /** The last stored answer of the provider's userinfo endpoint. */
  readonly userinfo?: UserinfoClaims;
  /** The app's own data about the user; the product never writes into it by itself. */
  readonly attributes: Readonly<Record<string, JsonValue>>;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  /**
   * `iat` of the ID token that the claims came from. An older token never overwrites them (S24).
   */
  readonly claimsIssuedAt: EpochMs;
  /** `tokenHash` of that ID token. */
  readonly claimsTokenHash: string | undefined;
  /** 1 at creation; every write adds one. */
  readonly version: number;
  /**
   * Earlier attributes were unreadable when the user signed in. The store keeps them aside for the
   * operator.
   */
  readonly hasSetAside?: true;
}

/**
 * A user whose item is partly unreadable. The readable rest can be erased, exported and mended, but
 * is never taken for the whole user.
 */
export interface DamagedUser {
  readonly rest: Partial<User>;
  /** Names: members of the stored user, cutoffs such as `erasure`, and `schemaVersion`. */
  readonly unreadable: readonly string[];
  /**
   * The item as it was read, for the store alone: a write over it is conditional on exactly that
   * item.
   */
  readonly seen: Readonly<Record<string, unknown>>;
}

/**
 * What the store knows of a `sub`: a user, an erased user, or both where an erased user came back.
 */
export interface UserRecord extends Cutoffs {
  readonly user: User | undefined;
  /** Set when the erasure is complete; until then tokens and sessions may remain. */
  readonly revocation: Revocation | undefined;
  /** The item exists and is partly unreadable; `user` is undefined then. */
  readonly damage?: DamagedUser;
  /** The operator moved the user to another subject. The erasure beside it belongs to the move. */
  readonly movedTo?: MovedUser;
  /** What the last move brought into this record. */
  readonly movedFrom?: MovedRecord;
}

/** What became of the refresh token at the provider (RFC 7009). */
export type Revocation = "revoked" | "not_revoked" | "no_endpoint" | "no_token";

/** Receipt of an erasure, for the erased user. */
export interface ErasureReceipt {
  readonly sub: string;
  readonly erasedAt: EpochMs;
  readonly revocation: Revocation;
}

/** Names of the attributes that a move brought. Their values are, or were, in the record. */
export interface MovedRecord {
  /** Id of the move ({@link MovedGrant}). */
  readonly id: string;
  /** The subject had no record before the move. */
  readonly isNew: boolean;
  /** Names of the attributes that the record took from the old subject. */
  readonly kept: readonly string[];
  /** Names of the attributes for which this subject kept another value. */
  readonly dropped: readonly string[];
}

/** What a move leaves in the record of the old subject. */
export interface MovedUser {
  readonly id: string;
  readonly sub: string;
  /** False: there was only a grant. */
  readonly hadRecord: boolean;
  readonly refreshToken: MovedToken;
  readonly sessionsEnded: number;
}

/** What became of the refresh token of a user who was moved. */
export type MovedToken = (typeof MOVED_TOKENS)[number];

/** Where the grant of a row went. It lives on there, so none of its tokens may be revoked. */
export interface MovedGrant {
  /** Id of the move, and the `grantId` that the grant has under `sub`. */
  readonly id: string;
  readonly sub: string;
  /** The `grantId` that it had in this row. */
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
