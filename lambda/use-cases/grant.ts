/**
 * Every way in which a grant may change, as pure functions. A change is real only once it is written by compare-and-set
 * on `revision` (ports.ts, GrantStore), so what holds here holds for the item.
 *
 * Invariants, kept by each function:
 *  - within one `grantId` the `gen` of the refresh token never falls;
 *  - whoever loses the lease (expired and taken over, signed in again, disconnected) finds another `lease.owner` or
 *    another `grantId`, and so can change nothing any more;
 *  - a refusal keeps the ciphertext: only disconnecting and erasing delete it;
 *  - `frozenAt`, `erasure`, `signedOut` and what a move says outlive whatever becomes of the rest.
 */
import { latestOf } from "../cutoff";
import {
  type Cutoffs,
  type EpochMs,
  type Grant,
  type KeptAccessToken,
  type Lease,
  type Sealed,
} from "../model";
import { nextCooldown, type Failure } from "./grant-cooldown";
import { appended, type Stamp } from "./history";

/** `gen` of a refresh token that was just handed in; every exchange gives a higher one. */
export const FIRST_GEN = 1;

/** Its cutoffs, where the sign-in knows of any: this grant comes after them. */
export interface NewGrant extends Cutoffs {
  readonly sub: string;
  readonly grantId: string;
  readonly refreshToken: Sealed;
  readonly accessToken?: KeptAccessToken;
}

/** Signing in again wins over whatever stood there: no lease, refusal or cooldown of the old grant survives. */
export function replaceGrant(previous: Grant | undefined, next: NewGrant, stamp: Stamp): Grant {
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

/** What no change but its own takes away. */
export function lasting(
  grant: Grant | undefined,
): Pick<Grant, "frozenAt" | "movedTo" | "movedFrom" | keyof Cutoffs> {
  const { frozenAt, erasure, signedOut, movedTo, movedFrom } = grant ?? {};
  return { frozenAt, erasure, signedOut, movedTo, movedFrom };
}

/** The refresh token to spend next: what a holder left in the inbox, if it is newer than the current one. */
export function newestRefreshToken(grant: Grant): Sealed | undefined {
  return grant.inbox.reduce<Sealed | undefined>(
    (newest, token) => (newest === undefined || token.gen > newest.gen ? token : newest),
    grant.refreshToken,
  );
}

/**
 * When the kept access token was obtained. Undefined where a later refresh token came without one, by way of the recovery queue: `lastExchangeAt` is then
 * about that one.
 */
export function keptSince(grant: Grant): EpochMs | undefined {
  const { accessToken, lastExchangeAt, since } = grant;
  const newestGen = newestRefreshToken(grant)?.gen ?? 0;
  return accessToken === undefined || accessToken.gen < newestGen
    ? undefined
    : (lastExchangeAt ?? since);
}

/** Step 3, the intent: written before anything is sent, which also proves that the store takes writes. */
export function takeLease(grant: Grant, lease: Omit<Lease, "takenOver">): Grant {
  return {
    ...grant,
    refreshToken: newestRefreshToken(grant),
    inbox: [],
    lease: { ...lease, takenOver: grant.lease !== undefined },
  };
}

export function holdsLease(grant: Grant | undefined, held: Grant): grant is Grant {
  return (
    grant !== undefined &&
    grant.status === "active" &&
    grant.grantId === held.grantId &&
    grant.lease !== undefined &&
    grant.lease.owner === held.lease?.owner
  );
}

export interface Exchanged {
  readonly accessToken: KeptAccessToken;
  /** Absent: the provider sent none, the current one stays (S46). */
  readonly refreshToken: Sealed | undefined;
}

/** Step 6, the commit: the successor becomes durable and the lease ends in the same write. */
export function commitExchange(grant: Grant, exchanged: Exchanged, stamp: Stamp): Grant {
  return {
    ...withoutLease(grant),
    refreshToken: exchanged.refreshToken ?? grant.refreshToken,
    accessToken: exchanged.accessToken,
    cooldown: undefined,
    lastExchangeAt: stamp.at,
    history: appended(grant, "exchanged", stamp),
  };
}

/** The answer was about somebody else (S29): what came is kept for the inquiry, nothing of it can be used. */
export function quarantine(grant: Grant, refreshToken: Sealed | undefined, stamp: Stamp): Grant {
  return {
    ...withoutLease(grant),
    status: "needs_sign_in",
    since: stamp.at,
    reason: "foreign_subject",
    refreshToken: refreshToken ?? grant.refreshToken,
    accessToken: undefined,
    history: appended(grant, "foreign_subject", stamp),
  };
}

/** Only on the provider's definitive word about the newest token (S48); the ciphertext stays. */
export function refuse(
  grant: Grant,
  reason: "refresh_token_refused" | "in_doubt",
  stamp: Stamp,
): Grant {
  return {
    ...withoutLease(grant),
    status: "needs_sign_in",
    since: stamp.at,
    reason,
    history: appended(grant, reason === "in_doubt" ? "in_doubt" : "refused", stamp),
  };
}

/** Nothing was spent and nobody is to blame yet: the next caller may go at once. */
export function releaseLease(grant: Grant): Grant {
  return withoutLease(grant);
}

/** Something failed that is not the grant's fault: at most one attempt per cooldown (S51). */
export function coolDown(grant: Grant, failure: Failure, stamp: Stamp): Grant {
  const base =
    failure.keepLease && failure.refreshToken === undefined ? grant : withoutLease(grant);
  const outcome = failure.cause === "idp_in_doubt" ? "in_doubt" : "failed";
  return {
    ...base,
    refreshToken: failure.refreshToken ?? grant.refreshToken,
    cooldown: nextCooldown(grant, failure, stamp.at),
    history: appended(grant, outcome, stamp),
  };
}

/** A refresh token that came after its holder had lost the lease: never dropped, never in the way. */
export function leaveInInbox(grant: Grant, refreshToken: Sealed): Grant {
  return { ...grant, inbox: [...grant.inbox, refreshToken] };
}

export function withoutLease(grant: Grant): Grant {
  return { ...grant, lease: undefined };
}
