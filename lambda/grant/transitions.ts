/**
 * Every way in which a grant may change, as pure functions from one row to the next. A change is
 * real once it is written by compare-and-set on `revision` (port GrantStore), so what holds here
 * holds for the item. When it is tried again after a failure is in cooldown.ts, what a move to
 * another subject makes of two rows in move.ts.
 *
 * Invariants, kept by each function:
 *  - within one `grantId` the `gen` of the refresh token never falls (I3);
 *  - a holder that loses its lease (lapsed and taken over, signed in again, disconnected) finds
 *    another `lease.owner` or another `grantId`, and can change nothing any more;
 *  - a refusal keeps the refresh token: only disconnecting and erasing delete it;
 *  - `frozenAt`, `erasure`, `signedOut` and what a move says survive every other change (I7).
 *
 * In order: a sign-in · the lease · the end of a refresh · the way back from a dead holder ·
 * the operator's switch · the end.
 */
import { latest, latestOf } from "../cutoff";
import type { Cutoff, Cutoffs, EpochMs, Erasure } from "../model";
import type { Scopes } from "../scopes";
import { type CooledGrant, type Failure, nextCooldown } from "./cooldown";
import {
  type ActiveGrant,
  type CachedAccessToken,
  type DisconnectedGrant,
  type DisconnectingGrant,
  type Grant,
  isOver,
  type Lease,
  type LeasedGrant,
  newestRefreshToken,
  type RefusalReason,
  type RefusedGrant,
  type Sealed,
} from "./grant";
import { isEnded } from "./grant-id";
import { appended, type Stamp, withScopes } from "./history";

export interface Identity {
  readonly sub: string;
  readonly grantId: string;
}

// A sign-in

/** `gen` of a refresh token that was just handed in; every refresh gives a higher one. */
export const FIRST_GEN = 1;

/** With its cutoffs, where the sign-in knows of any: this grant comes after them. */
export interface NewGrant extends Cutoffs, Identity {
  readonly refreshToken: Sealed;
  readonly accessToken?: CachedAccessToken;
  readonly scopes?: Scopes;
}

/** Wins over what stood there: no lease, refusal or cooldown of the old grant survives. */
export function replaceGrant(
  previous: Grant | undefined,
  next: NewGrant,
  stamp: Stamp,
): ActiveGrant {
  return {
    ...next,
    ...lasting(previous),
    ...latestOf(previous, next),
    revision: previous?.revision ?? 0,
    status: "active",
    since: stamp.at,
    inbox: [],
    history: appended(previous, "stored", stamp),
  };
}

/** A sign-in brought no refresh token, and the row cannot be used: it says so from now on. */
export function noteNotIssued<G extends Grant>(grant: G, at: EpochMs): G {
  return { ...grant, notIssuedAt: at };
}

/** What no change but its own takes away. */
export function lasting(
  grant: Grant | undefined,
): Pick<Grant, "frozenAt" | "movedTo" | "movedFrom" | keyof Cutoffs> {
  const { frozenAt, erasure, signedOut, movedTo, movedFrom } = grant ?? {};
  return { frozenAt, erasure, signedOut, movedTo, movedFrom };
}

// The lease

/**
 * Step 3, the intent: written before anything is sent, which also proves that the store takes
 * writes.
 */
export function takeLease(grant: ActiveGrant, lease: Omit<Lease, "takenOver">): LeasedGrant {
  return {
    ...grant,
    refreshToken: newestRefreshToken(grant),
    inbox: [],
    lease: { ...lease, takenOver: grant.lease !== undefined },
  };
}

/**
 * Nothing was spent: the row is as before the intent, with the doubt that a dead holder had left.
 */
export function giveBackLease(grant: LeasedGrant, before: ActiveGrant): ActiveGrant {
  return { ...grant, lease: before.lease };
}

/** Nothing was spent and nothing is in doubt: the next caller may go at once. */
export function releaseLease(grant: ActiveGrant): ActiveGrant {
  return { ...grant, lease: undefined };
}

/** The lease stays, lapsed: the next holder's token may be one that the provider has revoked. */
export function lapseInDoubt(grant: LeasedGrant, at: EpochMs): LeasedGrant {
  return { ...grant, lease: { ...grant.lease, expiresAt: at, takenOver: true } };
}

/**
 * A refresh token that came after its holder had lost the lease: never dropped, never in the way.
 */
export function leaveInInbox<G extends Grant>(grant: G, refreshToken: Sealed): G {
  return { ...grant, inbox: [...grant.inbox, refreshToken] };
}

// The end of a refresh

export interface Refreshed {
  readonly accessToken: CachedAccessToken;
  /** Undefined: the provider sent none, the current one stays (S46). */
  readonly refreshToken: Sealed | undefined;
  /** Undefined: the provider named none, so they are what they were (RFC 6749 section 6). */
  readonly scopes?: Scopes;
}

/** Step 6, the commit: the successor becomes durable and the lease ends in the same write. */
export function commitTokens(grant: ActiveGrant, tokens: Refreshed, stamp: Stamp): ActiveGrant {
  const { accessToken, refreshToken = grant.refreshToken, scopes } = tokens;
  const successor = commitSuccessor(grant, refreshToken, stamp);
  const next = { ...successor, accessToken, scopes: scopes ?? grant.scopes };
  return grant.scopes === undefined || scopes === undefined
    ? next
    : { ...next, history: withScopes(next, { from: grant.scopes, to: scopes }, stamp) };
}

/**
 * The provider answered for another subject (S29): its answer is kept for the inquiry, and nothing
 * of it can be used.
 */
export function quarantine(
  grant: ActiveGrant,
  refreshToken: Sealed | undefined,
  stamp: Stamp,
): RefusedGrant {
  return {
    ...grant,
    ...IDLE,
    status: "needs_sign_in",
    since: stamp.at,
    reason: "foreign_subject",
    refreshToken: refreshToken ?? grant.refreshToken,
    history: appended(grant, "foreign_subject", stamp),
  };
}

/** Only on the provider's definitive word about the newest token (S48). */
export function refuse(
  grant: ActiveGrant,
  reason: Exclude<RefusalReason, "foreign_subject">,
  stamp: Stamp,
): RefusedGrant {
  return {
    ...grant,
    ...IDLE,
    status: "needs_sign_in",
    since: stamp.at,
    reason,
    history: appended(grant, reason === "in_doubt" ? "in_doubt" : "refused", stamp),
  };
}

const IDLE = { lease: undefined, accessToken: undefined, cooldown: undefined } as const;

/** Something failed that is not the grant's fault: at most one attempt per cooldown (S51). */
export function coolDown(grant: ActiveGrant, failure: Failure, stamp: Stamp): CooledGrant {
  const keepsLease = failure.keepLease && failure.refreshToken === undefined;
  const row = keepsLease ? grant : releaseLease(grant);
  const outcome = failure.cause === "idp_in_doubt" ? "in_doubt" : "failed";
  return {
    ...row,
    refreshToken: failure.refreshToken ?? grant.refreshToken,
    cooldown: nextCooldown(row, failure, stamp.at),
    history: appended(grant, outcome, stamp),
  };
}

/** The cached access token was handed out. */
export function noteServed(grant: ActiveGrant, stamp: Stamp): ActiveGrant {
  return { ...grant, history: appended(grant, "served", stamp) };
}

// The way back from a dead holder

export interface Successor {
  /** Of the lease under which it was obtained. */
  readonly owner: string;
  readonly grantId: string;
  readonly refreshToken: Sealed;
}

export type Placement =
  | { readonly kind: "placed"; readonly grant: Grant }
  /** The row has it, or something newer. */
  | { readonly kind: "superseded"; readonly grant?: undefined }
  /** It belongs to no grant that could use it. */
  | { readonly kind: "orphaned"; readonly grant?: undefined };

/** Where a spilled successor goes. Its `gen` alone says whether it is newer, whenever it comes. */
export function placeSuccessor(
  grant: Grant | undefined,
  successor: Successor,
  stamp: Stamp,
): Placement {
  const { owner, grantId, refreshToken } = successor;
  if (grant?.grantId !== grantId || isOver(grant)) {
    return { kind: "orphaned" };
  }
  if ((newestRefreshToken(grant)?.gen ?? 0) >= refreshToken.gen) {
    return { kind: "superseded" };
  }
  if (grant.status === "active") {
    const isOwn = grant.lease?.owner === owner;
    const next = isOwn
      ? commitSuccessor(grant, refreshToken, stamp)
      : leaveInInbox(grant, refreshToken);
    return { kind: "placed", grant: next };
  }
  return grant.reason === "foreign_subject"
    ? { kind: "superseded" }
    : { kind: "placed", grant: revive(grant, successor, stamp) };
}

/** Also for a holder that could not write it itself: its access token is gone. */
function commitSuccessor(grant: ActiveGrant, refreshToken: Sealed, stamp: Stamp): ActiveGrant {
  return {
    ...releaseLease(grant),
    refreshToken,
    cooldown: undefined,
    lastExchangeAt: stamp.at,
    history: appended(grant, "exchanged", stamp),
  };
}

/**
 * The provider refused an older token, not this one (S48). The lapsed lease keeps the grant in
 * doubt: a strict provider may have revoked the family over the old one. The successor goes into
 * the inbox, so any caller may take the lease over at once: nothing else is on its way.
 */
function revive(
  grant: RefusedGrant,
  { owner, refreshToken }: Successor,
  stamp: Stamp,
): LeasedGrant {
  return {
    ...leaveInInbox(grant, refreshToken),
    unreadable: undefined,
    refreshToken: grant.refreshToken ?? refreshToken,
    status: "active",
    since: stamp.at,
    reason: undefined,
    lease: { owner, expiresAt: stamp.at, takenOver: true },
    history: appended(grant, "exchanged", stamp),
  };
}

// The operator's switch

/** A refresh in flight may still end, but its access token is not handed out. */
export function freeze(grant: Grant | undefined, identity: Identity, stamp: Stamp): Grant {
  const row = grant ?? emptyRow(identity, stamp.at);
  return { ...row, frozenAt: stamp.at, history: appended(row, "frozen", stamp) };
}

export function unfreeze(grant: Grant, stamp: Stamp): Grant {
  return { ...grant, frozenAt: undefined, history: appended(grant, "unfrozen", stamp) };
}

// The end

/** The grant can no longer be used; its refresh token stays until the provider has revoked it. */
export function beginDisconnect(grant: Grant, at: EpochMs): DisconnectingGrant {
  return {
    ...grant,
    ...IDLE,
    status: "disconnecting",
    since: at,
    reason: "disconnected",
    refreshToken: newestRefreshToken(grant),
    inbox: [],
  };
}

/** The tombstone: no secret is left, and a refresh in flight finds its lease gone (S30). */
export function disconnect(grant: Grant, stamp: Stamp): DisconnectedGrant {
  return {
    ...lasting(grant),
    sub: grant.sub,
    grantId: grant.grantId,
    revision: grant.revision,
    status: "disconnected",
    since: stamp.at,
    reason: "disconnected",
    inbox: [],
    lastExchangeAt: grant.lastExchangeAt,
    history: appended(grant, "disconnected", stamp),
  };
}

/** Like disconnecting, but nothing can be read back afterwards: the history goes, too. */
export function beginErase(grant: Grant, erasure: Erasure): DisconnectingGrant {
  const ending = beginDisconnect(grant, erasure.at);
  return { ...ending, reason: "erased", history: [], scopes: undefined, erasure };
}

/** Written even where there was no grant, so that older evidence finds it. */
export function erase(
  grant: Grant | undefined,
  erasure: Erasure,
  { sub, grantId }: Identity,
): DisconnectedGrant {
  return {
    ...lasting(grant),
    sub,
    grantId: grant?.grantId ?? grantId,
    revision: grant?.revision ?? 0,
    status: "disconnected",
    since: erasure.at,
    reason: "erased",
    inbox: [],
    history: [],
    erasure,
  };
}

/** For show: a grant that had ended is not shown as usable, although its item came back. */
export function asEnded(grant: Grant | undefined, endedAt: EpochMs | undefined): Grant | undefined {
  if (grant === undefined || isOver(grant) || !isEnded(grant, endedAt)) {
    return grant;
  }
  const { history, lastExchangeAt } = grant;
  const { sub, grantId, revision, unreadable } = grant;
  const row = { sub, grantId, revision, inbox: [], unreadable, ...lasting(grant) };
  const since = endedAt ?? grant.since;
  return { ...row, history, lastExchangeAt, status: "disconnected", since, reason: "disconnected" };
}

/** A row that only says what is to be refused: no refresh token was ever stored. */
export function emptyRow(identity: Identity, since: EpochMs): DisconnectedGrant {
  return { ...identity, revision: 0, status: "disconnected", since, inbox: [], history: [] };
}

/** The user signed out everywhere. Without a grant, too, so that older evidence stores none. */
export function signOut(grant: Grant | undefined, signedOut: Cutoff, identity: Identity): Grant {
  const row = grant ?? emptyRow(identity, signedOut.at);
  return { ...row, signedOut: latest(row.signedOut, signedOut) };
}
