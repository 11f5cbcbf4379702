/**
 * Steps 4 to 6 of a move (move-user.ts): the locked record and grant come to the new subject, then
 * the grant leaves the old one.
 */
import { latestOf, nextCutoff } from "../cutoff";
import { InternalError, UnavailableError } from "../errors";
import { madeAt, newGrantId } from "../grant/grant-id";
import { leftGrant, movedGrant, type Side, takesRow, tokenOf } from "../grant/move";
import type { Cutoffs, Erasure, MovedToken } from "../model";
import type { MovableUser, Move } from "../ports/move";
import { mergedUser } from "./merged-user";
import type { LockDependencies } from "./move-locks";
import { reseal } from "./move-plan";

const MAX_CONFLICTS = 8;

/**
 * Step 4.
 * @throws UnavailableError, also `store_conflict`; InternalError `damaged_item`
 */
export async function moveRecord({ users, clock }: LockDependencies, move: Move): Promise<void> {
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

/**
 * A record with the mark of this move has not been erased since; its erasure may come from the old
 * record.
 */
function isErasedSince({ movedFrom, erasure }: MovableUser, { id, seen }: Move): boolean {
  return movedFrom?.id !== id && erasure?.at !== seen.erasedAt;
}

/** The later cutoff of each kind: older evidence of either subject opens nothing. */
function cutoffsOf(old: MovableUser, target: MovableUser) {
  const cutoffs = latestOf(target, old);
  const { revocation } = cutoffs.erasure === target.erasure ? target : old;
  return { ...cutoffs, revocation };
}

/**
 * Step 5. Reads what ended under `to` after its row, and writes the row only if it is as it was
 * read. What ended under `from` is what had when the move began: a later mark is of a disconnect
 * that the lock has shut out, and its token lives.
 * @throws UnavailableError, also `store_conflict`; InternalError, also `damaged_item`
 */
export async function moveRow(
  dependencies: LockDependencies,
  { by }: { readonly by: string },
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
    const [old, record, endedAt] = await Promise.all([
      ...([users.find(from), users.find(to)] as const),
      ended.read(to),
    ]);
    const isErased = isErasedSince(record, move);
    const sides = {
      from: { grant: left, endedAt: move.seen.fromEndedAt },
      target: { grant, endedAt },
      isLate: isErased || endedAt !== move.seen.endedAt,
    };
    const next = movedGrant({
      ...sides,
      id,
      to,
      stamp: { at: clock.now(), by },
      // The cutoffs of an erasure that came meanwhile do not belong in a row from before it.
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
  dependencies: LockDependencies,
  sides: { readonly from: Side; readonly target: Side; readonly isLate: boolean },
  { to, id }: Move,
) {
  return takesRow(sides)
    ? await reseal(dependencies, sides.from, { to, id })
    : { refreshToken: undefined, inbox: [] };
}

/** Step 6. */
export async function leaveRow(
  { users, grants, ended, clock, random }: LockDependencies,
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
  const left = leftGrant(grant, erasure, { id, token, sub: from, to, grantId });
  await grants.leave({ ...left, revision: revision + 1 });
}

/** A cutoff for every credential of the old subject that exists by now. */
function endNow(now: number, record: MovableUser, row: Cutoffs | undefined): Erasure {
  return nextCutoff(now, [record.user?.claimsTokenHash], latestOf(record, row));
}
