/**
 * Waiting for another caller's refresh, without holding more instances than that is worth: a
 * bounded number of callers waits for one lease, over all instances, and the rest are sent away at
 * once with `Retry-After` (decision 0028).
 */
import { MAX_WAIT_MS, POLL_PAUSES, WAIT_RESERVE_MS } from "../deadlines";
import { ServiceError, UnavailableError } from "../errors";
import type { LeasedGrant } from "../grant/grant";
import type { EpochMs } from "../model";
import type { WaitingRoom } from "../ports";
import { backoff, jittered } from "./backoff";
import type { Call, ExchangeDependencies } from "./types";

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
   * For the consumer that takes an abandoned lease over. The holder may have died before its
   * watchdog was sent, so each caller sends the take-over message as well.
   * @throws UnavailableError, InternalError: the queue failed, so perhaps no consumer is coming
   */
  inLine(grant: LeasedGrant): Promise<void>;
}

/** Of a caller who has not waited: a refresh is over by then, as a rule. */
const TURNED_AWAY_SECONDS = 1;
const WAITED_SECONDS = 2;

/** Jittered pauses that double from 50 to 400 ms and add up to three seconds at most. */
export function createWaiting(
  dependencies: WaitingDependencies,
  call: Call,
  begunAt: EpochMs,
): Waiting {
  const { clock, timer, random, waitingRoom, waitingCallers } = dependencies;
  const giveUpAt = Math.min(begunAt + MAX_WAIT_MS, call.deadline - WAIT_RESERVE_MS);
  let pauses = 0;
  let queuedFor: number | undefined;
  /** Owners of the leases that this caller was let in for, and was not. */
  let admittedBy: string | undefined;
  let refusedBy: string | undefined;

  /** False: look at the row first. The lease may have ended a moment ago. */
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
      await timer.sleep(jittered(backoff(POLL_PAUSES, pauses), random));
      pauses += 1;
    }
  }

  async function inLine(grant: LeasedGrant): Promise<void> {
    if (queuedFor !== grant.revision) {
      await queueTakeOver(dependencies, grant);
      queuedFor = grant.revision;
    }
    await forHolder(grant);
  }

  return { forHolder, inLine };
}

/** @throws UnavailableError, InternalError: perhaps no consumer is coming for the grant */
export async function queueTakeOver(
  { recovery }: Pick<ExchangeDependencies, "recovery">,
  { sub, grantId, revision, lease }: LeasedGrant,
): Promise<void> {
  await recovery?.takeOver({ sub, grantId, owner: lease.owner }, revision);
}

/** As the row was read: a caller that sees it goes without another request. */
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
