/** How a grant ends, by the user's wish or the operator's; pure functions as in grant.ts. */
import { latest } from "../cutoff";
import type { Cutoff, EpochMs, Erasure, Grant } from "../model";
import { lasting, newestRefreshToken, withoutLease } from "./grant";
import { isEnded, isOver } from "./grant-id";
import { appended, type Stamp } from "./history";

/** The grant can no longer be used; the refresh token is kept just long enough to revoke it at the provider. */
export function beginDisconnect(grant: Grant, stamp: Stamp): Grant {
  return {
    ...withoutLease(grant),
    status: "disconnecting",
    since: stamp.at,
    reason: "disconnected",
    refreshToken: newestRefreshToken(grant),
    inbox: [],
    accessToken: undefined,
  };
}

/** The tombstone: no secret is left, and an exchange in flight finds its lease gone (S30). */
export function disconnect(grant: Grant, stamp: Stamp): Grant {
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
export function beginErase(grant: Grant, erasure: Erasure): Grant {
  const stamp = { at: erasure.at, by: "" };
  return { ...beginDisconnect(grant, stamp), reason: "erased", history: [], erasure };
}

/** Written even where there was no grant, so that a proof from before finds it. */
export function erase(
  grant: Grant | undefined,
  erasure: Erasure,
  { sub, grantId }: Identity,
): Grant {
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

/** For show: what had ended is not shown as if it could be used, although its item came back. */
export function asEnded(grant: Grant | undefined, endedAt: EpochMs | undefined): Grant | undefined {
  return grant !== undefined && !isOver(grant) && endedAt !== undefined && isEnded(grant, endedAt)
    ? { ...grant, status: "disconnected", since: endedAt, reason: "disconnected" }
    : grant;
}

export interface Identity {
  readonly sub: string;
  readonly grantId: string;
}

/** A row that only says what is to be refused: there never was a connection. */
export function emptyRow(identity: Identity, since: EpochMs): Grant {
  return { ...identity, revision: 0, status: "disconnected", since, inbox: [], history: [] };
}

/** The user signed out everywhere. Written even where there was no grant, so that an older proof stores none. */
export function signOut(grant: Grant | undefined, signedOut: Cutoff, identity: Identity): Grant {
  const row = grant ?? emptyRow(identity, signedOut.at);
  return { ...row, signedOut: latest(row.signedOut, signedOut) };
}

/** The operator's word. An exchange in flight may still end, but what it yields is not handed out. */
export function freeze(grant: Grant | undefined, identity: Identity, stamp: Stamp): Grant {
  const row = grant ?? emptyRow(identity, stamp.at);
  return { ...row, frozenAt: stamp.at, history: appended(row, "frozen", stamp) };
}

export function unfreeze(grant: Grant, stamp: Stamp): Grant {
  return { ...grant, frozenAt: undefined, history: appended(grant, "unfrozen", stamp) };
}
