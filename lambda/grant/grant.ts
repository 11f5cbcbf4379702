/**
 * A grant: one user's connection to the identity provider, one item of the table RefreshTokens.
 *
 * The type is a union by `status`, so a row that must not exist cannot be written down: a lease, a
 * cooldown or a cached access token without an active grant, an active grant without a refresh
 * token or with a reason, a disconnected one that still has a secret. What the store reads is held
 * to the same type (lambda/store/grant-item.ts).
 *
 * Read on in phase.ts (what may be done with a row now), transitions.ts (every way in which it may
 * change) and answer.ts (what a token response does to it). `lambda/refresh/` drives them.
 */
import type { FAILURE_CAUSES, HISTORY_OUTCOMES, ROTATIONS } from "../facts";
import type { Cutoffs, EpochMs, MovedGrant } from "../model";
import type { Scopes } from "../scopes";

/** What a refresh does to the refresh token (`ROTATIONS` in facts.ts). */
export type Rotation = (typeof ROTATIONS)[number];

/**
 * A secret as it lies in the store: `kms/` makes and opens it. `gen` is bound into the ciphertext.
 */
export interface Sealed {
  readonly ciphertext: Uint8Array;
  readonly gen: number;
}

/** Held by the one caller that may talk to the token endpoint for this grant. */
export interface Lease {
  /** Random, one per attempt. */
  readonly owner: string;
  /** The holder's hard deadline plus a margin: afterwards the platform has ended the holder. */
  readonly expiresAt: EpochMs;
  /** A holder before never reported back: the provider may have processed its request. */
  readonly takenOver: boolean;
}

/** Why the last refresh did not succeed although nothing is wrong with the grant. */
export type FailureCause = (typeof FAILURE_CAUSES)[number];

/** No request is sent to the provider before `until`. */
export interface Cooldown {
  readonly until: EpochMs;
  readonly cause: FailureCause;
  /** In a row. */
  readonly failures: number;
  /** Those that may be about this grant alone, and whether its user is told so (decision 0032). */
  readonly failing?: {
    readonly since: EpochMs;
    readonly attempts: number;
    readonly isTold: boolean;
  };
}

/** The access token that the last refresh brought. */
export interface CachedAccessToken extends Sealed {
  readonly expiresAt: EpochMs;
  /** Owner of the lease under which it was obtained; of a sign-in, the `grantId`. */
  readonly obtainedBy: string;
}

export type HistoryOutcome = (typeof HISTORY_OUTCOMES)[number];

/** Route key, service principal, or the name of a function or command; never a token. */
export type Actor = string;

export interface HistoryEntry {
  readonly at: EpochMs;
  readonly by: Actor;
  readonly outcome: HistoryOutcome;
  /** Only of `scope_changed`, as is `lost`. */
  readonly gained?: readonly string[];
  readonly lost?: readonly string[];
}

/** What a row has in every status. Changed only by compare-and-set on `revision`. */
export interface GrantRow extends Cutoffs {
  readonly sub: string;
  /** Random, new with every sign-in: a holder that finds another one has lost its lease. */
  readonly grantId: string;
  /** One more with every write: the compare-and-set of the whole item. */
  readonly revision: number;
  /** When `status` became what it is. */
  readonly since: EpochMs;
  /** Refresh tokens of holders that had lost their lease meanwhile; the highest `gen` wins. */
  readonly inbox: readonly Sealed[];
  readonly lastExchangeAt?: EpochMs;
  /** What the provider has granted; undefined: not known (decision 0041). No secret. */
  readonly scopes?: Scopes;
  /** Of the last sign-in that brought no refresh token while this row could not be used. */
  readonly notIssuedAt?: EpochMs;
  /** The operator lets no access token out until this is gone; only unfreezing takes it away. */
  readonly frozenAt?: EpochMs;
  /** Survives every other change, as `frozenAt` does: a late successor follows it. */
  readonly movedTo?: MovedGrant;
  /** The last move into this row, so that it is not made twice. */
  readonly movedFrom?: Pick<MovedGrant, "id" | "token">;
  /** Newest last, at most twenty, of each actor and outcome the newest. */
  readonly history: readonly HistoryEntry[];
  /**
   * Callers who wait for the lease of this owner, and of no other. The one member that no write of
   * a grant changes (port WaitingRoom).
   */
  readonly waiting?: { readonly owner: string; readonly count: number };
  /**
   * Attributes of the item that cannot be read. Such a grant is never active, and its `revision` is
   * a negative number that stands for the item as it was seen, so that a write over it is for that
   * very item. The next write leaves a whole one.
   */
  readonly unreadable?: readonly string[];
}

/** What only an active grant has. */
interface Idle {
  readonly accessToken?: undefined;
  readonly lease?: undefined;
  readonly cooldown?: undefined;
}

export interface ActiveGrant extends GrantRow {
  readonly status: "active";
  readonly reason?: undefined;
  readonly refreshToken: Sealed;
  readonly accessToken?: CachedAccessToken;
  readonly lease?: Lease;
  readonly cooldown?: Cooldown;
  readonly unreadable?: undefined;
}

/** A holder is at work, or was when it died. */
export type LeasedGrant = ActiveGrant & { readonly lease: Lease };

export type RefusalReason = "refresh_token_refused" | "in_doubt" | "foreign_subject";

/** Only a sign-in helps, or a newer token that is still on its way through the queue. */
export interface RefusedGrant extends GrantRow, Idle {
  readonly status: "needs_sign_in";
  readonly reason: RefusalReason;
  /** A refusal keeps it. Absent only from what was read of a damaged item. */
  readonly refreshToken?: Sealed;
}

export type EndReason = "disconnected" | "erased";

/** Ended, and the provider is still to be told: the token stays just long enough to be revoked. */
export interface DisconnectingGrant extends GrantRow, Idle {
  readonly status: "disconnecting";
  readonly reason: EndReason;
  /** Absent only from what was read of a damaged item. */
  readonly refreshToken?: Sealed;
}

/**
 * The tombstone. Without a `reason` no refresh token was ever stored: the row only refuses others.
 */
export interface DisconnectedGrant extends GrantRow, Idle {
  readonly status: "disconnected";
  readonly reason?: EndReason;
  readonly refreshToken?: undefined;
}

export type Grant = ActiveGrant | RefusedGrant | DisconnectingGrant | DisconnectedGrant;

export type GrantStatus = Grant["status"];

/**
 * The refresh token to spend next: what a holder left in the inbox, if it is newer than the current
 * one.
 */
export function newestRefreshToken(grant: ActiveGrant): Sealed;
export function newestRefreshToken(grant: Grant): Sealed | undefined;
export function newestRefreshToken(grant: Grant): Sealed | undefined {
  return grant.inbox.reduce<Sealed | undefined>(
    (newest, token) => (newest === undefined || token.gen > newest.gen ? token : newest),
    grant.refreshToken,
  );
}

/**
 * When the cached access token was obtained. Undefined where a later refresh token came without
 * one, by way of the recovery queue: `lastExchangeAt` is then about that one.
 */
export function cachedSince(grant: Grant): EpochMs | undefined {
  const { accessToken, lastExchangeAt, since } = grant;
  return accessToken === undefined || accessToken.gen < newestRefreshToken(grant).gen
    ? undefined
    : (lastExchangeAt ?? since);
}

/** A holder has it, alive or dead. */
export function hasLease(grant: Grant): grant is LeasedGrant {
  return grant.lease !== undefined;
}

/** The row is active, and its lease is the one that `held` had. */
export function holdsLease(grant: Grant | undefined, held: LeasedGrant): grant is LeasedGrant {
  return (
    grant !== undefined &&
    hasLease(grant) &&
    grant.grantId === held.grantId &&
    grant.lease.owner === held.lease.owner
  );
}

/** It has ended, or is about to. */
export function isOver(grant: Grant): grant is DisconnectingGrant | DisconnectedGrant {
  return grant.status === "disconnecting" || grant.status === "disconnected";
}
