/**
 * Moving a user to another subject: record, connection, history. For the operator, where the provider has given somebody a new
 * `sub`. Primary course:
 *  1. Nothing forbids it, the key may be used, and no other move has one of the two (journal).
 *  2. The old row is locked: once no exchange is under way there, so none is lost and none can begin.
 *  3. The old record is locked, unless an erasure was first.
 *  4. The record comes to the new subject: one compare-and-set.
 *  5. The connection comes to the new subject: one compare-and-set, sealed anew under a new `grantId`.
 *  6. The old row becomes a tombstone, behind its mark; it says where its grant went.
 *  7. The sessions of the old subject end, page by page.
 *  8. The old record becomes a tombstone that says where the user went: the receipt. The journal forgets the move.
 *
 * Invariants:
 *  - Each step finds out by a mark of its own whether it was done before, so a call that broke off is finished by the same
 *    call, and two of them side by side do no harm.
 *  - A locked item is of a version that no function reads or writes, this one's or an earlier one's: from step 2 to 6 nobody
 *    can spend the refresh token under the old subject, and from step 3 to 8 nobody can erase, change or renew its user. They
 *    are told to come again. What came before the lock wins over the move, what comes after meets its end.
 *  - The token is durable under the new subject (5) before it goes from the old one (6), and usable under one at a time.
 *  - What is done under the new subject meanwhile wins: each write is for the item as it was seen, its own connection stays,
 *    and of what ended or was erased there since the move began (`seen`) nothing comes back.
 *  - Nothing is ever revoked at the provider, here or later on behalf of a row that was left: nobody can tell whether a token
 *    is of the same family as the one in use.
 */
import { latest, nextCutoff } from "../cutoff";
import { InternalError, UnavailableError } from "../errors";
import type { Cutoffs, Erasure, MovedToken } from "../model";
import type { MovableUser, Move } from "../ports";
import { leftGrant, movedGrant, takesRow, tokenOf, type Side } from "./grant-move";
import { madeAt, newGrantId } from "./grant-id";
import { mergedUser } from "./merged-user";
import { lockAll, type LockDependencies } from "./move-locks";
import { assertMovable, assertSubjects, isDone, MoveRefusedError } from "./move-plan";
import { planOf, reseal, survey, type MovePlan, type Pair, type Survey } from "./move-plan";
import { receiptOf, type MoveReceipt } from "./move-receipt";
import { countAll, endAllOf, pagesOf, type PagesDependencies } from "./session-pages";

export interface MoveDependencies extends LockDependencies {
  readonly sessions: PagesDependencies["sessions"];
}

export interface MoveRequest extends Pair {
  /** How the history calls the operator. */
  readonly by: string;
  readonly deadline: number;
}

const MAX_CONFLICTS = 8;

/** @throws MoveRefusedError: nothing was written; UnavailableError, InternalError: the same call again goes on */
export function createMoveUser(dependencies: MoveDependencies) {
  return async (request: MoveRequest): Promise<MoveReceipt> => {
    assertSubjects(request, dependencies.subPattern);
    const move = await begin(dependencies, request);
    if (move !== undefined) {
      await carryThrough(dependencies, request, move);
      await dependencies.journal.end(move);
    }
    return await receiptOf(dependencies, request);
  };
}

/** What the call would do now. */
export type Outlook =
  | { readonly kind: "done"; readonly receipt: MoveReceipt }
  /** It broke off, and the same call again goes on. */
  | { readonly kind: "unfinished" }
  | { readonly kind: "plan"; readonly plan: MovePlan; readonly sessions: number };

/** Writes nothing. @throws as {@link createMoveUser} */
export function createMovePlan(dependencies: MoveDependencies) {
  return async (request: MoveRequest): Promise<Outlook> => {
    assertSubjects(request, dependencies.subPattern);
    const unfinished = await unfinishedOf(dependencies, request);
    const found = await survey(dependencies, request);
    if (isDone(found, request)) {
      return { kind: "done", receipt: await receiptOf(dependencies, request) };
    }
    if (unfinished !== undefined) {
      return { kind: "unfinished" };
    }
    const plan = await planOf(dependencies, found, request);
    const pages = pagesOf(dependencies, request.from, request.deadline);
    return { kind: "plan", plan, sessions: await countAll(pages) };
  };
}

/** Step 1. Undefined: the move was carried through before. */
async function begin(
  dependencies: MoveDependencies,
  request: MoveRequest,
): Promise<Move | undefined> {
  const { journal } = dependencies;
  const unfinished = await unfinishedOf(dependencies, request);
  const found = await survey(dependencies, request);
  if (isDone(found, request)) {
    await (unfinished && journal.end(unfinished));
    return undefined;
  }
  if (unfinished !== undefined) {
    const again = await journal.begin(unfinished);
    assertOurs(again, request);
    return again;
  }
  await planOf(dependencies, found, request);
  const begun = await journal.begin(newMove(dependencies, request, found));
  assertOurs(begun, request);
  // Now no other move writes: what was seen before the journal may be from before another move's end.
  const now = await survey(dependencies, request);
  if (!isAsSeen(now, begun) || isDone(now, request)) {
    await journal.end(begun);
    throw new UnavailableError("store_conflict");
  }
  try {
    assertMovable(now, request);
  } catch (error) {
    await journal.end(begun);
    throw error;
  }
  return begun;
}

async function unfinishedOf(
  { journal }: Pick<MoveDependencies, "journal">,
  pair: Pair,
): Promise<Move | undefined> {
  const found = (await journal.read(pair.from)) ?? (await journal.read(pair.to));
  if (found !== undefined) {
    assertOurs(found, pair);
  }
  return found && (await journal.read(pair.from));
}

function assertOurs({ from, to }: Move, pair: Pair): void {
  if (from !== pair.from || to !== pair.to) {
    throw new MoveRefusedError("other_move", from, to);
  }
}

/** Its `id` is younger than all that ended under `to`. */
function newMove({ clock, random }: MoveDependencies, { from, to }: Pair, found: Survey): Move {
  const { record, row, endedAt = 0 } = found.to;
  const { since = 0, erasure } = row.grant ?? {};
  const end = Math.max(since, endedAt, erasure?.at ?? 0, record.erasure?.at ?? 0);
  const seen = { erasedAt: record.erasure?.at, endedAt: found.to.endedAt };
  return { from, to, id: newGrantId(random, Math.max(clock.now(), end + 1)), seen };
}

function isAsSeen({ to }: Survey, { seen }: Move): boolean {
  return to.record.erasure?.at === seen.erasedAt && to.endedAt === seen.endedAt;
}

/** Steps 2 to 8. */
async function carryThrough(
  dependencies: MoveDependencies,
  request: MoveRequest,
  move: Move,
): Promise<void> {
  const { users, grants } = dependencies;
  await lockAll(dependencies, move);
  const [{ isLocked }, row] = await Promise.all([users.find(move.from), grants.find(move.from)]);
  if (!isLocked) {
    return;
  }
  if (row.grant?.movedTo?.id !== move.id) {
    await moveRecord(dependencies, move);
    const token = await moveRow(dependencies, request, move);
    await leaveRow(dependencies, move, token);
  }
  const sessionsEnded = await endSessions(dependencies, request);
  const [record, left] = await Promise.all([users.find(move.from), grants.find(move.from)]);
  const { erasure, movedTo } = left.grant ?? {};
  if (erasure === undefined || movedTo?.id !== move.id) {
    throw new InternalError("bug");
  }
  await users.leave(move.from, erasure, {
    ...{ id: move.id, sub: move.to, hadRecord: record.user !== undefined },
    ...{ refreshToken: movedTo.token, sessionsEnded },
  });
}

/** Step 4. */
async function moveRecord({ users, clock }: MoveDependencies, move: Move): Promise<void> {
  const { from, to, id } = move;
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const [old, target] = await Promise.all([users.find(from), users.find(to)]);
    const isOver = target.movedFrom?.id === id || isErasedSince(target, move);
    if (old.user === undefined || isOver) {
      return;
    }
    if (target.damage !== undefined) {
      throw new InternalError("damaged_item");
    }
    const merged = mergedUser(old.user, target.user, { id, to, now: clock.now() });
    if (await users.merge({ ...merged, cutoffs: cutoffsOf(old, target) }, target)) {
      return;
    }
  }
  throw new UnavailableError("store_conflict");
}

/** A record with the mark of this move has not been erased since, and may have the old one's mark of an erasure. */
function isErasedSince({ movedFrom, erasure }: MovableUser, { id, seen }: Move): boolean {
  return movedFrom?.id !== id && erasure?.at !== seen.erasedAt;
}

/** The later ones: older proofs of either open nothing. */
function cutoffsOf(old: MovableUser, target: MovableUser) {
  const erasure = latest(target.erasure, old.erasure);
  return {
    erasure,
    signedOut: latest(target.signedOut, old.signedOut),
    revocation: erasure === target.erasure ? target.revocation : old.revocation,
  };
}

/** Step 5. What ended under `to` is looked for after its row was read, and the row is written as it was read. */
async function moveRow(
  dependencies: MoveDependencies,
  { by }: MoveRequest,
  move: Move,
): Promise<MovedToken> {
  const { users, grants, ended, clock } = dependencies;
  const { from, to, id } = move;
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const [{ grant: left }, { grant, revision }] = await Promise.all([
      grants.find(from),
      grants.find(to),
    ]);
    if (left?.movedTo?.id === id) {
      return left.movedTo.token;
    }
    if (grant?.movedFrom?.id === id) {
      return grant.movedFrom.token;
    }
    if (grant?.unreadable !== undefined) {
      throw new InternalError("damaged_item");
    }
    const [old, record, endedAt, oldEndedAt] = await Promise.all([
      ...([users.find(from), users.find(to)] as const),
      ...([ended.read(to), ended.read(from)] as const),
    ]);
    const isErased = isErasedSince(record, move);
    const sides = {
      from: { grant: left, endedAt: oldEndedAt },
      target: { grant, endedAt },
      isLate: isErased || endedAt !== move.seen.endedAt,
    };
    const next = movedGrant({
      ...{ ...sides, id, to, stamp: { at: clock.now(), by } },
      // Those of an erasure that came meanwhile are not for a row from before it.
      cutoffs: isErased ? {} : cutoffsOf(old, record),
      resealed: await resealedOf(dependencies, sides, move),
    });
    if (next === undefined || (await grants.put(next, revision))) {
      return tokenOf(sides);
    }
  }
  throw new UnavailableError("store_conflict");
}

async function resealedOf(
  dependencies: MoveDependencies,
  sides: { readonly from: Side; readonly target: Side; readonly isLate: boolean },
  { to, id }: Move,
) {
  return takesRow(sides)
    ? await reseal(dependencies, sides.from, { to, id })
    : { refreshToken: undefined, inbox: [] };
}

/** Step 6. */
async function leaveRow(
  { users, grants, ended, clock, random }: MoveDependencies,
  { from, to, id }: Move,
  token: MovedToken,
): Promise<void> {
  const [{ grant, isLocked, revision }, record] = await Promise.all([
    grants.find(from),
    users.find(from),
  ]);
  if (!isLocked) {
    return;
  }
  const erasure = endNow(clock.now(), record, grant);
  await ended.raise(from, Math.max(erasure.at, grant === undefined ? 0 : madeAt(grant)));
  const grantId = newGrantId(random, erasure.at);
  const left = leftGrant(grant, erasure, { ...{ id, token }, sub: from, to, grantId });
  await grants.leave({ ...left, revision: revision + 1 });
}

/** For every proof of the old subject that there is by now. */
function endNow(now: number, record: MovableUser, row: Cutoffs = {}): Erasure {
  return nextCutoff(now, [record.user?.claimsTokenHash], {
    erasure: latest(record.erasure, row.erasure),
    signedOut: latest(record.signedOut, row.signedOut),
  });
}

/** Step 7. Nobody signs in by the old subject meanwhile, so none is newer. */
async function endSessions(
  dependencies: MoveDependencies,
  { from: sub, deadline }: MoveRequest,
): Promise<number> {
  let count = 0;
  await endAllOf(dependencies, { sub, deadline }, () => {
    count += 1;
    return true;
  });
  return count;
}
