/**
 * Decides whether a user can be moved, and what the move would do: reads everything, writes
 * nothing.
 */
import type { Sealed } from "../grant/grant";
import { isEnded } from "../grant/grant-id";
import { isEnding, type Resealed, type Side, takesRow, tokenOf } from "../grant/move";
import type { EpochMs, MovedToken } from "../model";
import type { Opener, Sealer } from "../ports/crypto";
import type { GrantMover, MovableGrant, MovableUser, MoveJournal, UserMover } from "../ports/move";
import type { Clock } from "../ports/runtime";
import type { EndedMarks } from "../ports/stores";
import { resealed } from "../refresh/follow-moved";
import { MAX_ATTRIBUTES_BYTES } from "./attributes";
import { mergedUser } from "./merged-user";

export interface MoveReading {
  readonly users: UserMover;
  readonly grants: GrantMover;
  readonly ended: EndedMarks;
  readonly journal: MoveJournal;
  readonly sealer: Sealer;
  readonly opener: Opener;
  /** The form of the provider's subjects. */
  readonly subPattern: RegExp;
  readonly clock: Clock;
}

/** Why a move was refused; nothing was written. */
export type MoveRefusal =
  | "same_subject"
  | "invalid_to"
  | "unknown_from"
  | "erased_from"
  | "moved_from"
  | "damaged_from"
  | "set_aside_from"
  | "erasing_from"
  | "disconnecting_from"
  | "erased_to"
  | "moved_to"
  | "damaged_to"
  | "erasing_to"
  | "disconnecting_to"
  | "attributes_too_large"
  | "other_move";

/** For the operator alone: no route returns it. */
export class MoveRefusedError extends Error {
  readonly reason: MoveRefusal;
  /**
   * Other subjects that the reason is about: where a subject was moved, the one it went to; where
   * another move is in the way, the two that it moves.
   */
  readonly others: readonly string[];

  constructor(reason: MoveRefusal, ...others: readonly string[]) {
    super(`move refused: ${reason}`);
    this.name = "MoveRefusedError";
    this.reason = reason;
    this.others = others;
  }
}

export interface Pair {
  readonly from: string;
  readonly to: string;
}

/** What the stores hold of one subject. */
interface Seen {
  readonly record: MovableUser;
  readonly row: MovableGrant;
  readonly endedAt: EpochMs | undefined;
  readonly isEnding: boolean;
}

export interface Survey {
  readonly from: Seen;
  readonly to: Seen;
}

/**
 * Milliseconds: longer than any call runs, however the operator's clock differs. Over a usable row,
 * a younger mark is taken for a disconnect that is under way or has died.
 */
const UNDER_WAY_MS = 10 * 60_000;

/**
 * OpenID Connect Core 2. The key of an item that serves another purpose in the same table never
 * matches.
 */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;

/**
 * Checks the subjects before any read.
 * @throws MoveRefusedError `same_subject`, `invalid_to` or `unknown_from`
 */
export function assertSubjects({ from, to }: Pair, subPattern: RegExp): void {
  if (from === to) {
    throw new MoveRefusedError("same_subject");
  }
  if (!subPattern.test(to) || !SUBJECT.test(to)) {
    throw new MoveRefusedError("invalid_to");
  }
  // The old subject may have a form that the provider no longer gives.
  if (!SUBJECT.test(from)) {
    throw new MoveRefusedError("unknown_from");
  }
}

export async function survey(reading: MoveReading, { from, to }: Pair): Promise<Survey> {
  const [one, other] = await Promise.all([seen(reading, from), seen(reading, to)]);
  return { from: one, to: other };
}

async function seen(reading: MoveReading, sub: string): Promise<Seen> {
  const { users, grants, ended, clock } = reading;
  const [record, row, endedAt] = await Promise.all([
    users.find(sub),
    grants.find(sub),
    ended.read(sub),
  ]);
  const side = { grant: row.grant, endedAt };
  return { record, row, endedAt, isEnding: isEnding(side, clock.now() - UNDER_WAY_MS) };
}

function sideOf({ row, endedAt }: Seen): Side {
  return { grant: row.grant, endedAt };
}

/** Whether an earlier call has completed this move. */
export function isDone({ from: { record } }: Survey, { to }: Pair): boolean {
  return !record.isLocked && record.user === undefined && record.movedTo?.sub === to;
}

/** The record after the move; undefined where there is none to move. */
function mergedOf({ from, to }: Survey, pair: Pair) {
  const { user } = from.record;
  return user && mergedUser(user, to.record.user, { id: "", to: pair.to, now: 0 });
}

/** @returns as {@link mergedOf}. @throws MoveRefusedError */
export function assertMovable(found: Survey, pair: Pair) {
  const refusal = refusalOfOld(found.from) ?? refusalOfTarget(found.to);
  if (refusal !== undefined) {
    const { movedTo } = (refusal === "moved_from" ? found.from : found.to).record;
    throw new MoveRefusedError(refusal, ...(movedTo === undefined ? [] : [movedTo.sub]));
  }
  const merged = mergedOf(found, pair);
  if (merged?.movedFrom.isNew === false) {
    const bytes = Buffer.byteLength(JSON.stringify(merged.user.attributes));
    if (bytes > MAX_ATTRIBUTES_BYTES) {
      throw new MoveRefusedError("attributes_too_large");
    }
  }
  return merged;
}

function refusalOfOld({ record, row, endedAt, ...old }: Seen): MoveRefusal | undefined {
  const { grant } = row;
  if (grant?.unreadable !== undefined) {
    return "damaged_from";
  }
  if (isNobody(record) && (grant === undefined || isEnded(grant, endedAt))) {
    return "unknown_from";
  }
  return refusalOfRecord(record) ?? (old.isEnding ? "disconnecting_from" : undefined);
}

function isNobody({ user, damage, erasure }: MovableUser): boolean {
  return user === undefined && damage === undefined && erasure === undefined;
}

/** What prevents a record from being either side of a move. */
function hindranceOf({ user, damage, erasure, revocation, movedTo }: MovableUser) {
  if (damage !== undefined) {
    return "damaged";
  }
  if (user === undefined && erasure !== undefined) {
    return movedTo === undefined ? "erased" : "moved";
  }
  return erasure !== undefined && revocation === undefined ? "erasing" : undefined;
}

/** Asked again just before the record is locked: it may have changed since the first read. */
export function refusalOfRecord(record: MovableUser): MoveRefusal | undefined {
  const hindrance = hindranceOf(record);
  if (hindrance !== undefined) {
    return `${hindrance}_from`;
  }
  return record.user?.hasSetAside === true ? "set_aside_from" : undefined;
}

/** Only a sign-in brings an erased user back; a move does not. */
function refusalOfTarget({ record, row, ...target }: Seen): MoveRefusal | undefined {
  const hindrance = hindranceOf(record);
  if (hindrance === "damaged" || row.grant?.unreadable !== undefined) {
    return "damaged_to";
  }
  if (record.isLocked || row.isLocked) {
    return "other_move";
  }
  if (hindrance !== undefined) {
    return `${hindrance}_to`;
  }
  return target.isEnding ? "disconnecting_to" : undefined;
}

export interface MovePlan {
  readonly user: "created" | "merged" | "none";
  readonly refreshToken: MovedToken;
  readonly kept: readonly string[];
  readonly dropped: readonly string[];
  /** A refresh is under way, or an earlier one is in doubt: the move waits for it. */
  readonly mustWait: boolean;
}

/**
 * Also shows that the key may be used, before anything is written.
 * @throws MoveRefusedError; InternalError `cipher_denied` or `ciphertext_rejected`;
 * UnavailableError
 */
export async function planOf(reading: MoveReading, found: Survey, pair: Pair): Promise<MovePlan> {
  const merged = assertMovable(found, pair);
  const move = { from: sideOf(found.from), target: sideOf(found.to), isLate: false };
  if (takesRow(move)) {
    await reseal(reading, move.from, { to: pair.to, id: "0000000000000.plan" });
  }
  const { kept = [], dropped = [], isNew } = merged?.movedFrom ?? {};
  return {
    user: isNew === undefined ? "none" : isNew ? "created" : "merged",
    refreshToken: tokenOf(move),
    kept,
    dropped,
    mustWait: found.from.row.grant?.lease !== undefined,
  };
}

/**
 * Opens each token under its old subject and seals it for the new one, each under its own `gen`.
 * @throws InternalError `cipher_denied` or `ciphertext_rejected`; UnavailableError
 */
export async function reseal(
  dependencies: Pick<MoveReading, "opener" | "sealer">,
  { grant }: Pick<Side, "grant">,
  { to, id }: { readonly to: string; readonly id: string },
): Promise<Resealed> {
  if (grant === undefined) {
    return { refreshToken: undefined, inbox: [] };
  }
  const { sub, grantId, refreshToken, inbox } = grant;
  const places = { from: { sub, grantId }, to: { sub: to, grantId: id } };
  const anew = async (token: Sealed) => await resealed(dependencies, token, places);
  const [first, others] = await Promise.all([
    refreshToken === undefined ? undefined : anew(refreshToken),
    Promise.all(inbox.map(anew)),
  ]);
  return { refreshToken: first, inbox: others };
}
