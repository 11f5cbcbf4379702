/**
 * What is done for a grant that nobody may be looking after: a watchdog of a holder that died, a successor that the store did not take, a take-over in its
 * turn, a renewal.
 *
 * Invariants: a task may come late, twice, and, but for a take-over behind what was spilled, in any order: each looks at the row first, and finds nothing to do
 * where somebody else was there; whoever exchanges here does it by the same protocol as everybody (exchange.ts); nothing is ever handed out. A frozen grant is
 * healed like any other: freezing keeps access tokens from leaving, and must not cost the refresh token.
 */
import { ForbiddenError, NeedsSignInError, ServiceError, UnavailableError } from "../errors";
import type { EpochMs, Grant } from "../model";
import type { GrantStore, IssuanceReader } from "../ports/stores";
import type { Logger } from "../ports/runtime";
import type { RecoveryTask } from "../ports/queues";
import type { ExchangeDependencies } from "./held";
import type { DueAt } from "./due";
import { createExchange } from "./exchange";
import { isEnded, reportPutBack } from "./grant-id";
import { placeSuccessor } from "./grant-recovery";
import { follow } from "./follow-moved";
import { reasonOf } from "./reason";
import { queueTakeOver, standsInLine } from "./recoverable";
import { revoke, type RevokeDependencies } from "./revoke";

export interface RecoverDependencies extends ExchangeDependencies {
  readonly issuance: IssuanceReader;
  /** Absent where the provider has no revocation endpoint. */
  readonly revocation: RevokeDependencies | undefined;
  readonly dueAt: DueAt | undefined;
}

export interface RecoverRequest {
  readonly task: RecoveryTask;
  /** How often the queue has brought it, this time included. */
  readonly receiveCount: number;
  readonly deadline: EpochMs;
  readonly log: Logger;
}

/** `again`: the queue has to bring it once more. */
export type Recovered = "done" | "again";

type Tasked<Kind> = RecoverRequest & { readonly task: Extract<RecoveryTask, { kind: Kind }> };

/** How the history calls us. */
const BY = "recovery";
/** What has not worked after five minutes is left to the sweeper; the queue takes another `take-over` for the same lease by then. */
const MAX_RECEIVES = 21;
const MAX_MOVES = 16;
/** Waited for here rather than by way of the queue: clocks differ by less. */
const MAX_LEASE_WAIT_MS = 3_000;
/** Left of the function's time when retrying ends, so that the item is failed in good order. */
const RESERVE_MS = 1_000;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 800;

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
  // Whoever took over may have died before its own message was sent, and the doubt is as old as this one.
  const isAbandoned = (grant: Grant) =>
    grant.grantId === task.grantId &&
    (grant.lease?.owner === task.owner || grant.lease?.takenOver === true);
  const recovered = await heal(dependencies, request, isAbandoned);
  if (recovered === "again" && receiveCount >= MAX_RECEIVES) {
    log.warn("left_to_the_sweeper", { outcome: task.kind });
    return "done";
  }
  return recovered;
}

/** The sweeper sends another one as long as something is due, so this one never comes again. */
async function renew(
  dependencies: RecoverDependencies,
  request: Tasked<"renew">,
): Promise<Recovered> {
  const { dueAt, clock } = dependencies;
  await heal(dependencies, request, (grant) => {
    const at = dueAt?.(grant);
    return at !== undefined && at <= clock.now();
  });
  return "done";
}

/** Exchanges, as long as `isNeeded`: the error is for nobody to see but the log. */
async function heal(
  dependencies: RecoverDependencies,
  request: RecoverRequest,
  isNeeded: (grant: Grant) => boolean,
): Promise<Recovered> {
  try {
    return await takeOver(dependencies, request, isNeeded);
  } catch (error) {
    // Marked in the row, or stored and not handed out.
    if (error instanceof NeedsSignInError || error instanceof ForbiddenError) {
      return "done";
    }
    report(request.log, error);
    return "again";
  }
}

async function takeOver(
  dependencies: RecoverDependencies,
  { task, deadline, log }: RecoverRequest,
  isNeeded: (grant: Grant) => boolean,
): Promise<Recovered> {
  const { issuance, clock, timer } = dependencies;
  const { sub } = task;
  const exchange = createExchange(dependencies);
  let found = await issuance.read(sub);
  let { grant } = found;
  for (let moves = 0; moves < MAX_MOVES; moves += 1) {
    if (grant?.status !== "active" || !isNeeded(grant)) {
      return "done";
    }
    if (isEnded(grant, found.endedAt)) {
      reportPutBack(log, clock.now(), found.endedAt);
      return "done";
    }
    const wait = Math.max(grant.lease?.expiresAt ?? 0, grant.cooldown?.until ?? 0) - clock.now();
    if (wait > MAX_LEASE_WAIT_MS) {
      return isOutOfTurn(task, grant) ? "done" : "again";
    }
    if (wait > 0) {
      await timer.sleep(wait);
      found = await issuance.read(sub);
      grant = found.grant;
      continue;
    }
    if (standsInLine(dependencies, grant) && !isInTurn(task, grant)) {
      await queueTakeOver(dependencies, grant);
      return "done";
    }
    const { restoredAt } = found;
    const attempt = await exchange(grant, { sub, by: BY, deadline, log, restoredAt });
    if (attempt.kind === "done") {
      return "done";
    }
    grant = attempt.grant;
  }
  return "again";
}

/** Whatever the holder of this lease has spilled came before the task. */
function isInTurn(task: RecoveryTask, { lease }: Grant): boolean {
  return task.kind === "take-over" && task.owner === lease?.owner;
}

/** Its bearer of before has taken the lease and sent a watchdog: it would only keep others waiting, what that holder may spill first of all. */
function isOutOfTurn(task: RecoveryTask, { lease }: Grant): boolean {
  return task.kind === "take-over" && task.owner !== lease?.owner;
}

/** As patient as a holder: as long as the store takes nothing, and then the queue keeps the successor. */
async function keepSpilled(
  dependencies: RecoverDependencies,
  request: Tasked<"spill">,
): Promise<Recovered> {
  const { clock, timer, random } = dependencies;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
    const begunAt = clock.now();
    try {
      await place(dependencies, request);
      return "done";
    } catch (error) {
      const took = clock.now() - begunAt;
      const isOver = clock.now() + pause + took > request.deadline - RESERVE_MS;
      if (isOver || !(error instanceof UnavailableError)) {
        report(request.log, error);
        return "again";
      }
      await timer.sleep(pause * (0.5 + random.fraction() / 2));
    }
  }
}

/** @throws UnavailableError, also where others keep moving the row */
async function place(
  dependencies: RecoverDependencies,
  { task, log }: Tasked<"spill">,
): Promise<void> {
  const { grants, clock, revocation } = dependencies;
  const { sub, grantId, refreshToken } = task;
  const { found, successor, mayRevoke } = await follow(dependencies, task);
  let grant = isEnded(successor, found.endedAt) ? undefined : found.grant;
  for (let moves = 0; moves < MAX_MOVES; moves += 1) {
    const placement = placeSuccessor(grant, successor, { at: clock.now(), by: BY });
    if (placement.kind === "orphaned" && mayRevoke) {
      await revoke(revocation, { sub, grantId, refreshToken }, log);
    }
    if (placement.kind !== "placed") {
      log.info("spill", { outcome: placement.kind });
      return;
    }
    const result = await writeOf(grants, placement.grant);
    if (result.written) {
      log.info("spill", { outcome: placement.kind });
      return;
    }
    grant = result.current;
  }
  throw new UnavailableError("store_conflict");
}

async function writeOf(grants: GrantStore, grant: Grant) {
  return await grants.write(grant, grant.revision);
}

/** @throws what is no error of ours */
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
