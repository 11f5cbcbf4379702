/**
 * Moving a user to another subject: record, grant, history. For the operator, where the provider
 * has given a user a new `sub`. Primary course:
 *  1. Nothing forbids it, the key may be used, and no other move involves either subject (journal).
 *  2. The old row is locked once no refresh is under way there, so that none is lost and none can
 *     begin.
 *  3. The old record is locked, unless an erasure came first.
 *  4. The record comes to the new subject: one compare-and-set.
 *  5. The grant comes to the new subject: one compare-and-set, sealed anew under a new `grantId`.
 *  6. The old row becomes a tombstone, behind its mark; it says where its grant went.
 *  7. The sessions of the old subject end, page by page.
 *  8. The old record becomes a tombstone that says where the user went: the receipt. The journal
 *     forgets the move.
 *
 * Invariants:
 *  - Each step recognises by a mark of its own whether it was done before, so the same call
 *    finishes one that broke off, and two calls side by side do no harm.
 *  - A locked item has a version that no function reads or writes, of this version or an earlier
 *    one: from step 2 to 6 no caller can spend the refresh token under the old subject, and from
 *    step 3 to 8 no request can erase, change or renew its user. Callers are told to come again.
 *    What came before the lock wins over the move; what comes after finds the move's result. A
 *    disconnect that has only raised its mark is waited for before the lock; behind it the mark
 *    counts for nothing, since the row cannot follow.
 *  - The token is durable under the new subject (5) before it leaves the old one (6), and usable
 *    under one at a time.
 *  - What is done under the new subject meanwhile wins: each write is conditional on the item as it
 *    was read, the subject's own grant stays, and nothing that ended or was erased there since the
 *    move began (`seen`) comes back.
 *  - Nothing is ever revoked at the provider, neither here nor later on behalf of a row that was
 *    left: it is unknown whether a token is of the same family as the one in use.
 */
import { InternalError, UnavailableError } from "../errors";
import { newGrantId } from "../grant/grant-id";
import type { Move } from "../ports/move";
import { lockAll, type LockDependencies } from "./move-locks";
import {
  assertMovable,
  assertSubjects,
  isDone,
  type MovePlan,
  MoveRefusedError,
  type Pair,
  planOf,
  type Survey,
  survey,
} from "./move-plan";
import { type MoveReceipt, receiptOf } from "./move-receipt";
import { leaveRow, moveRecord, moveRow } from "./move-steps";
import { countAll, endAllOf, type PagesDependencies, pagesOf } from "./session-pages";

export interface MoveDependencies extends LockDependencies {
  readonly sessions: PagesDependencies["sessions"];
}

export interface MoveRequest extends Pair {
  /** The operator's name in the history. */
  readonly by: string;
  readonly deadline: number;
}

/**
 * @throws MoveRefusedError: nothing was written; UnavailableError, InternalError: the same call
 * again continues
 */
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
  /** An earlier call broke off, and the same call again continues it. */
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

/** Step 1. Undefined: the move was completed before. */
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
  // From here on no other move writes. What was read before the journal entry may be from before
  // another move's end.
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

/** Its `id` becomes a `grantId`, so it is younger than all that ended under `to`. */
function newMove({ clock, random }: MoveDependencies, { from, to }: Pair, found: Survey): Move {
  const { record, row, endedAt = 0 } = found.to;
  const { since = 0, erasure } = row.grant ?? {};
  const end = Math.max(since, endedAt, erasure?.at ?? 0, record.erasure?.at ?? 0);
  const seen = {
    erasedAt: record.erasure?.at,
    endedAt: found.to.endedAt,
    fromEndedAt: found.from.endedAt,
  };
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
    id: move.id,
    sub: move.to,
    hadRecord: record.user !== undefined,
    refreshToken: movedTo.token,
    sessionsEnded,
  });
}

/** Step 7. No user can sign in under the old subject meanwhile, so no session is newer. */
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
