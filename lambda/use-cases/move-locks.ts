/**
 * Steps 2 and 3 of a move (move-user.ts): lock the two items under the old subject against every
 * function, the row of the grant first. The move waits for a live lease. Where a lease has lapsed
 * and the provider rotates, the move asks the recovery function to recover the grant and waits for
 * that; where recovery does not come, the doubt moves with the grant. It also waits for a
 * disconnect or an erasure that has begun, which needs the row to revoke its token.
 */
import { UnavailableError } from "../errors";
import type { Grant, Rotation } from "../grant/grant";
import { isEnding } from "../grant/move";
import { isAbandoned, isLeased } from "../grant/phase";
import type { EpochMs } from "../model";
import type { Move } from "../ports/move";
import type { RenewalQueue } from "../ports/queues";
import type { Random, Timer } from "../ports/runtime";
import { type MoveReading, MoveRefusedError, refusalOfRecord } from "./move-plan";

export interface LockDependencies extends MoveReading {
  readonly rotation: Rotation;
  /** Undefined where no recovery function is deployed. */
  readonly renewals: RenewalQueue | undefined;
  readonly timer: Timer;
  readonly random: Random;
}

const MAX_CONFLICTS = 8;
const POLL_MS = 500;
/** Milliseconds: longer than any function runs, plus the margin of its lease. */
const PATIENCE_MS = 60_000;
/** Milliseconds for the recovery function: the way through two queues, and a refresh. */
const HEALING_MS = 30_000;

/**
 * @throws MoveRefusedError: nothing stays locked; UnavailableError, InternalError: the same call
 * again continues
 */
export async function lockAll(dependencies: LockDependencies, move: Move): Promise<void> {
  const { grants, journal } = dependencies;
  await lockRow(dependencies, move);
  const noted = await journal.read(move.from);
  if (noted?.id !== move.id) {
    // The same command, run concurrently, gave up or finished. Where another move is noted by now,
    // it takes the lock for its own.
    if (noted === undefined) {
      await grants.unlock(move.from);
    }
    throw new UnavailableError("store_conflict");
  }
  await lockRecord(dependencies, move);
}

/** Step 2. */
async function lockRow(dependencies: LockDependencies, move: Move): Promise<void> {
  const { users, grants, ended, journal, clock, timer } = dependencies;
  const { from, id, seen } = move;
  const giveUpAt = clock.now() + PATIENCE_MS;
  const mayCarry = createPatience(dependencies, from);
  for (;;) {
    const { grant, isLocked, revision } = await grants.find(from);
    if (isLocked || grant?.movedTo?.id === id) {
      return;
    }
    // Whoever raises the mark after this finds the row locked, and is told to come again.
    const mustEnd = isEnding({ grant, endedAt: await ended.read(from) }, seen.fromEndedAt ?? 0);
    const isBusy = grant !== undefined && isLeased(grant, clock.now());
    if (!mustEnd && !isBusy && (await mayCarry(grant)) && (await grants.lock(from, revision))) {
      return;
    }
    if (clock.now() >= giveUpAt) {
      // Nothing is locked, so nothing was done.
      await journal.end(move);
      throw mustEnd
        ? new MoveRefusedError(refusalOfRecord(await users.find(from)) ?? "disconnecting_from")
        : new UnavailableError("exchange_in_progress");
    }
    await timer.sleep(POLL_MS);
  }
}

/** Returns a check that is false while a lapsed lease in doubt is worth waiting for. */
function createPatience({ rotation, renewals, clock }: LockDependencies, sub: string) {
  let askedAt: EpochMs | undefined;
  return async (grant: Grant | undefined): Promise<boolean> => {
    const now = clock.now();
    const isInDoubt = grant !== undefined && isAbandoned(grant, rotation);
    const isCooling = (grant?.cooldown?.until ?? 0) > now + HEALING_MS;
    if (!isInDoubt || renewals === undefined || isCooling) {
      return true;
    }
    if (askedAt === undefined) {
      await renewals.renew([{ sub, delaySeconds: 0 }]);
      askedAt = now;
    }
    return now - askedAt >= HEALING_MS;
  };
}

/** Step 3. An earlier erasure wins: the row is unlocked for it. */
async function lockRecord({ users, grants, journal }: LockDependencies, move: Move): Promise<void> {
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const record = await users.find(move.from);
    if (record.isLocked || record.movedTo?.id === move.id) {
      return;
    }
    const refusal = refusalOfRecord(record);
    if (refusal !== undefined) {
      await grants.unlock(move.from);
      await journal.end(move);
      throw new MoveRefusedError(refusal);
    }
    if (await users.lock(move.from, record)) {
      return;
    }
  }
  throw new UnavailableError("store_conflict");
}
