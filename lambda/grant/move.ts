/**
 * What becomes of two rows when the grant of one subject moves to another; pure functions as in
 * grant.ts.
 *
 * Invariants: the target's own grant stays; nothing that was dead comes back to life; what keeps
 * others out (`frozenAt`, `erasure`, `signedOut`) is kept from both. The `gen` of a token stays
 * what it was and the row's `revision` goes above both, so that `gen` tells a successor which comes
 * late from the result of a later refresh, as ever.
 */
import { latestOf } from "../cutoff";
import type { Cutoffs, EpochMs, Erasure, MovedGrant, MovedToken } from "../model";
import { type ActiveGrant, type Grant, isOver, type RefusedGrant, type Sealed } from "./grant";
import { isEnded } from "./grant-id";
import { appended, mergedHistory, type Stamp } from "./history";
import { emptyRow, erase, lasting } from "./transitions";

/** A row, and until when grants of its subject have ended for good. */
export interface Side {
  readonly grant: Grant | undefined;
  readonly endedAt: EpochMs | undefined;
}

/**
 * The row is about to end: a disconnect or an erasure has begun, or its mark is later than
 * `settledAt`. A usable row whose mark is older was put back, and counts as ended.
 */
export function isEnding({ grant, endedAt }: Side, settledAt: EpochMs): boolean {
  if (grant === undefined || isOver(grant)) {
    return grant?.status === "disconnecting";
  }
  return (endedAt ?? 0) > settledAt && isEnded(grant, endedAt);
}

export interface Resealed {
  readonly refreshToken: Sealed | undefined;
  readonly inbox: readonly Sealed[];
}

export interface GrantMove {
  readonly id: string;
  readonly to: string;
  readonly from: Side;
  readonly target: Side;
  /** Of the users' records. */
  readonly cutoffs: Cutoffs;
  /** The target was disconnected or erased since the move began. */
  readonly isLate: boolean;
  /** Under the new subject; asked for only where the tokens move. */
  readonly resealed: Resealed;
  readonly stamp: Stamp;
}

/** What becomes of the refresh token. */
export function tokenOf({
  from,
  target,
  isLate,
}: Pick<GrantMove, "from" | "target" | "isLate">): MovedToken {
  const [own, other] = [stateOf(from), stateOf(target)];
  if (other === "active") {
    return "kept_target";
  }
  if (own === "none") {
    return "none";
  }
  if (isLate) {
    return "dropped";
  }
  return own === "active" ? "moved" : "needs_sign_in";
}

/** Whether the old row itself, with its tokens, becomes the new one. */
export function takesRow(move: Pick<GrantMove, "from" | "target" | "isLate">): boolean {
  const token = tokenOf(move);
  return token === "moved" || (token === "needs_sign_in" && move.target.grant === undefined);
}

/**
 * The row of the new subject; undefined: nothing is to be written. Its `revision` is the one to be
 * written.
 */
export function movedGrant(move: GrantMove): Grant | undefined {
  const { id, to, from, target, resealed, stamp } = move;
  const movedFrom = { id, token: tokenOf(move) };
  const kept = { ...lastingOfBoth(move), movedFrom };
  const history = mergedHistory(from.grant, target.grant);
  const taken = takesRow(move) ? from.grant : undefined;
  if (taken?.status === "active" || taken?.status === "needs_sign_in") {
    return {
      ...taken,
      ...kept,
      ...resealed,
      sub: to,
      grantId: id,
      revision: nextRevision(move),
      // An access token may name the old subject.
      accessToken: undefined,
      // The callers who wait for its lease wait at the old row.
      waiting: undefined,
      history: appended({ ...taken, history }, "stored", stamp),
    } as ActiveGrant | RefusedGrant;
  }
  if (target.grant !== undefined) {
    const isErased = target.grant.reason === "erased";
    const revision = nextRevision(move);
    return { ...target.grant, ...kept, revision, ...(!isErased && { history }) };
  }
  return from.grant === undefined
    ? undefined
    : { ...empty(from.grant, move), ...kept, history, revision: nextRevision(move) };
}

/**
 * The tombstone of the old row: it says where its grant went, so that no call revokes what lives on
 * there.
 */
export function leftGrant(
  grant: Grant | undefined,
  erasure: Erasure,
  {
    sub,
    grantId,
    ...movedTo
  }: Omit<MovedGrant, "sub" | "was"> & {
    readonly sub: string;
    readonly to: string;
    /** Where there was no grant. */
    readonly grantId: string;
  },
): Grant {
  const { id, to, token } = movedTo;
  const left = erase(grant, erasure, { sub, grantId });
  return { ...left, movedTo: { id, sub: to, was: left.grantId, token } };
}

/** A grant that had ended counts as none, although its item came back. */
function stateOf({ grant, endedAt }: Side): "active" | "needs_sign_in" | "none" {
  if (grant === undefined || isEnded(grant, endedAt)) {
    return "none";
  }
  return grant.status === "active" || grant.status === "needs_sign_in" ? grant.status : "none";
}

/** What had been frozen is frozen. Of the marks of moves the row keeps its own. */
function lastingOfBoth({ from, target, cutoffs }: GrantMove) {
  const [one, other] = [lasting(from.grant), lasting(target.grant)];
  const frozen = [one.frozenAt, other.frozenAt].filter((at) => at !== undefined);
  return {
    frozenAt: frozen.length === 0 ? undefined : Math.min(...frozen),
    ...latestOf(latestOf(one, other), cutoffs),
    movedTo: other.movedTo,
  };
}

function nextRevision({ from, target }: GrantMove): number {
  return Math.max(from.grant?.revision ?? 0, target.grant?.revision ?? 0) + 1;
}

/** Only what it says of the past, and of what is to be refused. */
function empty({ since, reason, lastExchangeAt }: Grant, { to, id }: GrantMove): Grant {
  return {
    ...emptyRow({ sub: to, grantId: id }, since),
    reason: reason === "disconnected" ? reason : undefined,
    lastExchangeAt,
  };
}
