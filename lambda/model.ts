/** The nouns. Imports nothing. Times are epoch milliseconds inside; `http/` writes them as RFC 3339. */

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
  /** SHA-256 of the token, base64url: tells two tokens of the same second apart. */
  readonly tokenHash: string;
}

/** How old a proof of identity is; what an {@link Erasure} is compared with. */
export interface Evidence {
  readonly sub: string;
  /** The last moment at which it can have been made: `iat` counts whole seconds, so for an ID token the end of that second. */
  readonly at: EpochMs;
  /** Of an ID token. */
  readonly tokenHash: string | undefined;
}

/** The user asked to be forgotten: no proof that is older counts any more. */
export interface Erasure {
  readonly at: EpochMs;
  /** ID tokens known at that time: in the second of the erasure nothing else tells an old one from a new one. */
  readonly tokenHashes: readonly string[];
}

/** `iat` counts whole seconds (RFC 7519 section 4.1.6). */
const LAST_MS_OF_SECOND = 999;

export function evidenceOf({ sub, issuedAt, tokenHash }: VerifiedIdToken): Evidence {
  return { sub, at: issuedAt + LAST_MS_OF_SECOND, tokenHash };
}

/** A session counts as made when it was opened, or when what opened it was, whichever is earlier: clocks differ. */
export function evidenceOfSession({ sub, createdAt, openedBy }: Session): Evidence {
  const { at, tokenHash } = openedBy;
  return { sub, at: Math.min(createdAt, at), tokenHash };
}

export function isOutdated(evidence: Evidence, erasure: Erasure | undefined): boolean {
  return (
    erasure !== undefined &&
    (evidence.at <= erasure.at ||
      (evidence.tokenHash !== undefined && erasure.tokenHashes.includes(evidence.tokenHash)))
  );
}

/** How a caller has shown who they are. */
export type Caller =
  | {
      readonly kind: "id_token";
      readonly sub: string;
      readonly evidence: Evidence;
      readonly idToken: VerifiedIdToken;
    }
  | {
      readonly kind: "session";
      readonly sub: string;
      readonly evidence: Evidence;
      readonly session: Session;
    };

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
}

/** What is known of a `sub`: a user, that there was one, or both where somebody erased came back. */
export interface UserRecord {
  readonly user: User | undefined;
  readonly erasure: Erasure | undefined;
  /** Set when the erasure has been carried through; until then tokens and sessions may be left. */
  readonly revocation: Revocation | undefined;
}

/** What became of the refresh token at the provider (RFC 7009). */
export type Revocation = "revoked" | "not_revoked" | "no_endpoint" | "no_token";

/** Proof of an erasure for its owner. */
export interface ErasureReceipt {
  readonly sub: string;
  readonly erasedAt: EpochMs;
  readonly revocation: Revocation;
}

export type GrantStatus = "active" | "needs_sign_in" | "disconnecting" | "disconnected";

/** A secret as it lies in the store: `kms/` makes and opens it. `gen` is bound into the ciphertext. */
export interface Sealed {
  readonly ciphertext: Uint8Array;
  readonly gen: number;
}

/** Held by the one caller that may talk to the token endpoint for this grant. */
export interface Lease {
  /** Random, one per attempt. */
  readonly owner: string;
  /** The holder's hard deadline plus a margin: once passed, the platform has ended the holder. */
  readonly expiresAt: EpochMs;
  /** The lease was taken over from a holder that never reported back: its exchange may have been processed. */
  readonly takenOver: boolean;
}

/** Why the last exchange did not succeed although nothing is wrong with the grant. */
export type FailureCause =
  "idp_unavailable" | "idp_rate_limited" | "idp_in_doubt" | "idp_protocol" | "client_rejected";

export interface Cooldown {
  readonly until: EpochMs;
  readonly cause: FailureCause;
  /** In a row; `failing`: those that may be about this grant alone, and whether its user is told so (decision 0032). */
  readonly failures: number;
  readonly failing?: { since: EpochMs; attempts: number; isTold: boolean } | undefined;
}

export interface KeptAccessToken extends Sealed {
  readonly expiresAt: EpochMs;
  /** Owner of the lease under which it was obtained. */
  readonly obtainedBy: string;
}

export type HistoryOutcome =
  | "stored"
  | "exchanged"
  /** The kept access token was handed out; one entry per `by`, renewed every few minutes. */
  | "served"
  | "refused"
  | "in_doubt"
  | "foreign_subject"
  | "failed"
  | "disconnected"
  | "frozen"
  | "unfrozen";

export interface HistoryEntry {
  readonly at: EpochMs;
  /** Route key or service principal; never a token. */
  readonly by: string;
  readonly outcome: HistoryOutcome;
}

/** One user's connection to the identity provider: one item, changed only by compare-and-set on `revision`. */
export interface Grant {
  readonly sub: string;
  /** Random, new with every sign-in: whoever holds another one has lost. */
  readonly grantId: string;
  /** One more with every write: the compare-and-set of the whole item. */
  readonly revision: number;
  readonly status: GrantStatus;
  /** When `status` became what it is. */
  readonly since: EpochMs;
  /** Why, where `status` is not active. */
  readonly reason?:
    "refresh_token_refused" | "in_doubt" | "foreign_subject" | "disconnected" | "erased";
  /** Absent once disconnected. */
  readonly refreshToken?: Sealed;
  readonly accessToken?: KeptAccessToken;
  readonly lease?: Lease;
  /** Refresh tokens received by a holder that had lost its lease meanwhile; newest `gen` wins. */
  readonly inbox: readonly Sealed[];
  readonly cooldown?: Cooldown;
  readonly lastExchangeAt?: EpochMs;
  /** The operator lets nobody have an access token until this is gone; nothing but unfreezing takes it away. */
  readonly frozenAt?: EpochMs;
  /** What was stored before is erased, and proofs from before may store nothing. */
  readonly erasure?: Erasure;
  /** Newest last, at most {@link HISTORY_LENGTH}. */
  readonly history: readonly HistoryEntry[];
}

export const HISTORY_LENGTH = 20;

/** What a caller gets from `POST /me/access-token`. */
export interface AccessToken {
  readonly accessToken: string;
  readonly tokenType: "Bearer";
  readonly expiresAt: EpochMs;
  readonly scope: string | undefined;
}
