/**
 * What is done for a grant that no caller may be looking after: the watchdog of a holder that died,
 * a spilled successor, a designated take-over, a renewal. The consumer of the recovery queues.
 *
 * Invariants:
 *  - Delivery is at-least-once and unordered, except that a take-over is delivered after any spill
 *    of the same grant. So each task looks at the row first, and finds nothing to do where another
 *    holder was there.
 *  - It refreshes by the same protocol as every caller (exchange.ts), and hands nothing out.
 *  - A frozen grant is refreshed like any other: a freeze keeps access tokens from leaving, and
 *    must not cost the refresh token.
 */
import { MAX_WAIT_MS, RECOVERY_RESERVE_MS } from "../deadlines";
import { ForbiddenError, NeedsSignInError, ServiceError, UnavailableError } from "../errors";
import type { Grant, LeasedGrant } from "../grant/grant";
import { isEnded } from "../grant/grant-id";
import { type DueAt, refreshPhaseOf } from "../grant/phase";
import { type Placement, placeSuccessor } from "../grant/transitions";
import type { EpochMs } from "../model";
import type { RecoveryTask } from "../ports/queues";
import type { Logger } from "../ports/runtime";
import type { Issuance, IssuanceReader } from "../ports/stores";
import { writeDurably } from "./durable-write";
import { createExchange, type Exchange } from "./exchange";
import { follow } from "./follow-moved";
import { reasonOf, reportPutBack } from "./reason";
import { revoke, type RevokeDependencies } from "./revoke";
import type { ExchangeDependencies } from "./types";
import { updateGrant } from "./update-grant";
import { queueTakeOver } from "./waiting";

export interface RecoverDependencies extends ExchangeDependencies {
  readonly issuance: IssuanceReader;
  /** Absent where the provider has no revocation endpoint. */
  readonly revocation: RevokeDependencies | undefined;
  readonly dueAt: DueAt | undefined;
}

export interface RecoverRequest {
  readonly task: RecoveryTask;
  /** How often the queue has delivered it, this time included. */
  readonly receiveCount: number;
  readonly deadline: EpochMs;
  readonly log: Logger;
}

/** `again`: the queue has to deliver it once more. */
export type Recovered = "done" | "again";

type Tasked<Kind> = RecoverRequest & { readonly task: Extract<RecoveryTask, { kind: Kind }> };

/** How the history calls this function. */
const BY = "recovery";
/**
 * A watchdog or take-over that has not worked by then is left to the sweeper: after five minutes
 * with the default time limits, when the queue takes another `take-over` for the same lease. A
 * spilled token is never given up here; its queue keeps it for 14 days.
 */
const MAX_RECEIVES = 21;
const MAX_MOVES = 16;

export function createRecover(dependencies: RecoverDependencies) {
  return async (request: RecoverRequest): Promise<Recovered> => {
    const { task } = request;
    switch (task.kind) {
      case "watch":
      case "take-over":
        return await watch(dependencies, { ...request, task });
      case "spill":
        return await keepSpilled(dependencies, { ...request, task });
      case "renew":
        return await renew(dependencies, { ...request, task });
    }
  };
}

/** The holder under whose lease the message was sent reports back, or is replaced. */
async function watch(
  dependencies: RecoverDependencies,
  request: Tasked<"watch" | "take-over">,
): Promise<Recovered> {
  const { task, receiveCount, log } = request;
  // A holder that took over may have died before its own watchdog was sent, and the doubt is as old
  // as this message (decision 0019).
  const isWatched = (grant: Grant) =>
    grant.grantId === task.grantId &&
    (grant.lease?.owner === task.owner || grant.lease?.takenOver === true);
  const recovered = await refreshIfNeeded(dependencies, request, isWatched);
  if (recovered === "again" && receiveCount >= MAX_RECEIVES) {
    log.warn("left_to_the_sweeper", { outcome: task.kind });
    return "done";
  }
  return recovered;
}

/** The sweeper sends another one as long as something is due, so this one is never repeated. */
async function renew(
  dependencies: RecoverDependencies,
  request: Tasked<"renew">,
): Promise<Recovered> {
  const { dueAt, clock } = dependencies;
  const isDue = (grant: Grant) => (dueAt?.(grant) ?? Infinity) <= clock.now();
  await refreshIfNeeded(dependencies, request, isDue);
  return "done";
}

/** Refreshes, as long as `isNeeded`; the log alone gets the error. */
async function refreshIfNeeded(
  dependencies: RecoverDependencies,
  request: RecoverRequest,
  isNeeded: (grant: Grant) => boolean,
): Promise<Recovered> {
  const exchange = createExchange(dependencies);
  try {
    return await takeOver(dependencies, request, { isNeeded, exchange });
  } catch (error) {
    // Marked in the row, or stored and not handed out.
    if (error instanceof NeedsSignInError || error instanceof ForbiddenError) {
      return "done";
    }
    report(request.log, error);
    return "again";
  }
}

/** By the phase of the row: nothing to do, wait, hand on to the FIFO queue, or refresh. */
async function takeOver(
  dependencies: RecoverDependencies,
  { task, deadline, log }: RecoverRequest,
  {
    isNeeded,
    exchange,
  }: { readonly isNeeded: (grant: Grant) => boolean; readonly exchange: Exchange },
): Promise<Recovered> {
  const { issuance, clock, timer, rotation } = dependencies;
  const { sub } = task;
  let seen: Issuance = await issuance.read(sub);
  for (let moves = 0; moves < MAX_MOVES; moves += 1) {
    const now = clock.now();
    const phase = refreshPhaseOf(seen, { now, rotation });
    if (phase.kind === "absent" || !isNeeded(phase.grant)) {
      return "done";
    }
    switch (phase.kind) {
      case "ended":
        if (phase.isPutBack) {
          reportPutBack(log, now, seen.endedAt);
        }
        return "done";
      case "cooling":
      case "leased":
        // Waited for here rather than by way of the queue: clocks differ by less.
        if (phase.until - now > MAX_WAIT_MS) {
          return isStaleTakeover(task, phase.grant) ? "done" : "again";
        }
        await timer.sleep(phase.until - now);
        seen = await issuance.read(sub);
        break;
      case "abandoned":
      case "ready": {
        if (phase.kind === "abandoned" && !isDesignatedTakeover(task, phase.grant)) {
          await queueTakeOver(dependencies, phase.grant);
          return "done";
        }
        const { restoredAt } = seen;
        const attempt = await exchange(phase.grant, { sub, by: BY, deadline, log, restoredAt });
        if (attempt.kind === "done") {
          return "done";
        }
        seen = { ...seen, grant: attempt.grant };
      }
    }
  }
  return "again";
}

/** FIFO order has put anything that the holder of this lease has spilled before this task. */
function isDesignatedTakeover(task: RecoveryTask, { lease }: LeasedGrant): boolean {
  return task.kind === "take-over" && task.owner === lease.owner;
}

/**
 * A newer holder now owns the lease and has its own watchdog; requeueing this message would block
 * that holder's spill.
 */
function isStaleTakeover(task: RecoveryTask, { lease }: Grant): boolean {
  return task.kind === "take-over" && task.owner !== lease?.owner;
}

/** As patient as a holder: while the store takes nothing, the queue keeps the successor. */
async function keepSpilled(
  dependencies: RecoverDependencies,
  request: Tasked<"spill">,
): Promise<Recovered> {
  const until = request.deadline - RECOVERY_RESERVE_MS;
  const write = async () => await place(dependencies, request);
  try {
    await writeDurably(dependencies, { write, storeUntil: until });
    return "done";
  } catch (error) {
    report(request.log, error);
    return "again";
  }
}

/** @throws UnavailableError, also where others keep moving the row */
async function place(
  dependencies: RecoverDependencies,
  { task, log }: Tasked<"spill">,
): Promise<Placement["kind"]> {
  const { grants, clock, revocation } = dependencies;
  const { sub, grantId, refreshToken } = task;
  const { found, successor, mayRevoke } = await follow(dependencies, task);
  const grant = isEnded(successor, found.endedAt) ? undefined : found.grant;
  let outcome!: Placement["kind"];
  await updateGrant(
    grants,
    sub,
    (row, isOwnWrite) => {
      if (isOwnWrite) {
        return row;
      }
      const placement = placeSuccessor(row, successor, { at: clock.now(), by: BY });
      outcome = placement.kind;
      return placement.grant;
    },
    { grant },
  );
  if (outcome === "orphaned" && mayRevoke) {
    await revoke(revocation, { sub, grantId, refreshToken }, log);
  }
  log.info("spill", { outcome });
  return outcome;
}

/** @throws what is no ServiceError: a bug */
function report(log: Logger, error: unknown): void {
  if (!(error instanceof ServiceError)) {
    throw error;
  }
  if (error instanceof UnavailableError) {
    log.warn("not_recovered", reasonOf(error));
  } else {
    log.error("not_recovered", reasonOf(error));
  }
}
