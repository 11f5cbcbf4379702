/**
 * Steps 2 and 3 of a move (move-user.ts): its two items under the old subject are taken out of
 * everybody's use, the row of the grant first. A lease that lives is waited for. One that has
 * lapsed, with a provider that rotates, is left to the recovery function, which is asked to see to
 * it; where that does not come, the doubt moves with the grant.
 */
import { UnavailableError } from "../errors";
import type { Grant, Rotation } from "../grant/grant";
import { isAbandoned, isLeased } from "../grant/phase";
import type { EpochMs } from "../model";
import type { Move } from "../ports/move";
import type { RenewalQueue } from "../ports/queues";
import type { Clock, Random, Timer } from "../ports/runtime";
import { type MoveReading, MoveRefusedError, refusalOfRecord } from "./move-plan";

export interface LockDependencies extends MoveReading {
  readonly rotation: Rotation;
  /** Undefined where no recovery function is deployed. */
  readonly renewals: RenewalQueue | undefined;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: Random;
}

const MAX_CONFLICTS = 8;
const POLL_MS = 500;
/** Longer than any function lives, and the margin of its lease. */
const PATIENCE_MS = 60_000;
/** For the recovery function: the way through two queues, and an exchange. */
const HEALING_MS = 30_000;

/**
 * @throws MoveRefusedError, UnavailableError: then nothing was written, but for a call that has
 * gone further before
 */
export async function lockAll(dependencies: LockDependencies, move: Move): Promise<void> {
  const { grants, journal } = dependencies;
  await lockRow(dependencies, move);
  const noted = await journal.read(move.from);
  if (noted?.id !== move.id) {
    // The same command, side by side, gave up or came to the end; another move takes the lock for
    // its own.
    if (noted === undefined) {
      await grants.unlock(move.from);
    }
    throw new UnavailableError("store_conflict");
  }
  await lockRecord(dependencies, move);
}

/** Step 2. */
async function lockRow(dependencies: LockDependencies, move: Move): Promise<void> {
  const { grants, journal, clock, timer } = dependencies;
  const { from, id } = move;
  const giveUpAt = clock.now() + PATIENCE_MS;
  const mayCarry = createPatience(dependencies, from);
  for (;;) {
    const { grant, isLocked, revision } = await grants.find(from);
    if (isLocked || grant?.movedTo?.id === id) {
      return;
    }
    const isEnding = grant?.status === "disconnecting";
    const isBusy = grant !== undefined && isLeased(grant, clock.now());
    if (!isEnding && !isBusy && (await mayCarry(grant)) && (await grants.lock(from, revision))) {
      return;
    }
    if (clock.now() >= giveUpAt) {
      // Nothing is locked, so nothing was done.
      await journal.end(move);
      throw isEnding
        ? new MoveRefusedError("disconnecting_from")
        : new UnavailableError("exchange_in_progress");
    }
    await timer.sleep(POLL_MS);
  }
}

/** Whether a lapsed lease has been waited for long enough, if there is one. */
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

/** Step 3. An erasure that was first wins: its row is given back to it. */
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
