/**
 * Waiting for what somebody else's exchange comes to, without holding more instances than that is worth: a bounded number of callers waits for one
 * lease, over all instances, and the rest are sent away at once with `Retry-After`.
 */
import { ServiceError, UnavailableError } from "../errors";
import type { EpochMs, Grant } from "../model";
import type { WaitingRoom } from "../ports/stores";
import type { Call, ExchangeDependencies } from "./held";
import { queueTakeOver, type LeasedGrant } from "./recoverable";

export interface WaitingDependencies extends ExchangeDependencies {
  readonly waitingRoom: WaitingRoom;
  /** For one lease. */
  readonly waitingCallers: number;
}

/** One caller's; a method returns when it is time to look at the row again. */
export interface Waiting {
  /** @throws UnavailableError `exchange_in_progress` */
  forHolder(grant: LeasedGrant): Promise<void>;
  /**
   * For whoever takes a lapsed lease over in its turn.
   * @throws UnavailableError, InternalError: nobody may be coming for the grant
   */
  inLine(grant: LeasedGrant): Promise<void>;
}

/** How long a caller waits for somebody else's exchange before it is sent away with `Retry-After`. */
const MAX_WAIT_MS = 3_000;
const MIN_POLL_MS = 50;
const MAX_POLL_MS = 400;
/** Left of the function's time when waiting ends, so that there is always an answer. */
const ANSWER_RESERVE_MS = 1_000;
/** Of a caller who has not waited: an exchange is over by then, as a rule. */
const TURNED_AWAY_SECONDS = 1;
const WAITED_SECONDS = 2;

/** Jittered pauses that double from 50 to 400 ms and add up to three seconds at most. */
export function createWaiting(dependencies: WaitingDependencies, call: Call): Waiting {
  const { clock, timer, random, waitingRoom, waitingCallers } = dependencies;
  const giveUpAt = Math.min(clock.now() + MAX_WAIT_MS, call.deadline - ANSWER_RESERVE_MS);
  let ceiling = MIN_POLL_MS;
  let queuedFor: number | undefined;
  /** Owners of the leases that we were let in for, and were not. */
  let admittedBy: string | undefined;
  let refusedBy: string | undefined;

  /** False: look at the row first. The lease may have ended a moment ago, and then there is no need to go away. */
  async function isAdmitted(grant: LeasedGrant): Promise<boolean> {
    const { owner } = grant.lease;
    if (admittedBy === owner) {
      return true;
    }
    if (refusedBy === owner || isFull(grant, waitingCallers)) {
      throw inProgress(TURNED_AWAY_SECONDS);
    }
    if (await enter(waitingRoom, grant, { max: waitingCallers, log: call.log })) {
      admittedBy = owner;
      return true;
    }
    refusedBy = owner;
    return false;
  }

  async function forHolder(grant: LeasedGrant): Promise<void> {
    if (clock.now() >= giveUpAt) {
      throw inProgress(WAITED_SECONDS);
    }
    if (await isAdmitted(grant)) {
      await timer.sleep(ceiling / 2 + (ceiling / 2) * random.fraction());
      ceiling = Math.min(ceiling * 2, MAX_POLL_MS);
    }
  }

  /** Its holder may have died before it could see to it that anybody comes. */
  async function inLine(grant: LeasedGrant): Promise<void> {
    if (queuedFor !== grant.revision) {
      await queueTakeOver(dependencies, grant);
      queuedFor = grant.revision;
    }
    await forHolder(grant);
  }

  return { forHolder, inLine };
}

/** As the row was read: whoever sees that goes without asking anything more. */
function isFull({ lease, waiting }: LeasedGrant, max: number): boolean {
  return waiting !== undefined && waiting.owner === lease.owner && waiting.count >= max;
}

/** A store that cannot say is no reason to hold an instance, and none to fail. */
async function enter(
  room: WaitingRoom,
  grant: LeasedGrant,
  { max, log }: { readonly max: number } & Pick<Call, "log">,
): Promise<boolean> {
  try {
    return await room.enter(grant, max);
  } catch (error) {
    if (!(error instanceof ServiceError)) {
      throw error;
    }
    log.warn("not_admitted", { reason: error.reason });
    throw inProgress(TURNED_AWAY_SECONDS);
  }
}

function inProgress(retryAfterSeconds: number): UnavailableError {
  return new UnavailableError("exchange_in_progress", { retryAfterSeconds });
}

/** A lease that has run out belongs to a process that the platform has ended: it may be taken over. */
export function isLeased(grant: Grant, now: EpochMs): grant is LeasedGrant {
  return grant.lease !== undefined && grant.lease.expiresAt > now;
}
