/**
 * Finishes what broke off, and hands what is due to the recovery function. Runs every few minutes,
 * and on the operator's command.
 *
 * Invariants: a run is bounded in time and number; each list has its share of the time, and each
 * subject a part of that. A failure at one subject, even a bug, is counted and passed by, and the
 * next run continues behind the place where this one stopped, also where its process died there. So
 * no subject that fails keeps the others from being done. Doing anything twice changes nothing. The
 * sweep itself never refreshes.
 */
import { SWEEP_EVERY_MS } from "../deadlines";
import { InternalError, ServiceError } from "../errors";
import type { EpochMs, UserRecord } from "../model";
import type { RenewalQueue } from "../ports/queues";
import type { Logger } from "../ports/runtime";
import type { UserEraser } from "../ports/stores";
import type { SubjectList, SweepList, SweepPositions } from "../ports/sweep";
import { createFinishDisconnect } from "./disconnect";
import { createFinishErasure, type EraseDependencies } from "./erase";

export interface SweepDependencies extends Omit<EraseDependencies, "users"> {
  readonly users: Pick<UserEraser, "find" | "finish">;
  /** `due` undefined: nothing is ever due with this provider. */
  readonly lists: Readonly<Record<"erasing" | "disconnecting", SubjectList>> & {
    readonly due: SubjectList | undefined;
  };
  readonly positions: SweepPositions;
  readonly renewals: RenewalQueue | undefined;
}

export interface SweepRequest {
  /** The sweeper's name in the history. */
  readonly by: string;
  readonly deadline: EpochMs;
  readonly log: Logger;
}

export interface Swept {
  readonly done: number;
  readonly failed: number;
}

export type SweepReport = Readonly<Record<SweepList, Swept>>;

/** Milliseconds. What is younger may still be under way. */
export const MIN_AGE_MS = 60_000;
/** Keeps what is due from reaching the provider all at once. */
const RENEWALS_PER_SECOND = 5;
/** Subjects of one list in one run. What is due is spread over the time between two runs. */
export const MAX_ITEMS: Readonly<Record<SweepList, number>> = {
  erasing: 200,
  disconnecting: 200,
  due: (RENEWALS_PER_SECOND * SWEEP_EVERY_MS) / 1_000,
};
/**
 * Subjects per page. Where they are done one by one it is one, so that the written position is
 * exactly behind it. What is due takes as many as the queue takes at once.
 */
const PAGE: Readonly<Record<SweepList, number>> = { erasing: 1, disconnecting: 1, due: 10 };
/** Milliseconds at the end of a run in which no page begins. */
const RESERVE_MS = 10_000;
/**
 * Milliseconds for one subject in one run. The next run continues a user with thousands of
 * sessions.
 */
const SUBJECT_MS = 15_000;
/** The list that takes the least time comes first. */
const ORDER: readonly SweepList[] = ["due", "disconnecting", "erasing"];
const NOTHING: Swept = { done: 0, failed: 0 };

/** Counts and logs failures instead of throwing them. */
export function createSweep(dependencies: SweepDependencies) {
  const { positions, clock } = dependencies;

  return async (request: SweepRequest): Promise<SweepReport> => {
    const from = await readPositions(positions, request.log);
    const workers = createWorkers(dependencies, request);
    const end = request.deadline - RESERVE_MS;
    const swept: Record<SweepList, Swept> = {
      erasing: NOTHING,
      disconnecting: NOTHING,
      due: NOTHING,
    };
    for (const [turn, list] of ORDER.entries()) {
      // The time that one list leaves goes to those that follow.
      const now = clock.now();
      const until = now + (end - now) / (ORDER.length - turn);
      const sweeping = { list, from: from[list], work: workers[list], until };
      swept[list] = await sweepList(dependencies, request, sweeping);
    }
    return swept;
  };
}

type Positions = Awaited<ReturnType<SweepPositions["read"]>>;

/** Without positions a sweep starts at the beginning, which is always right. */
async function readPositions(positions: SweepPositions, log: Logger): Promise<Positions> {
  try {
    return await positions.read();
  } catch (error) {
    report(log, error);
    return {};
  }
}

/**
 * What a sweep would find now, at most `limit` of each list.
 * @throws UnavailableError, InternalError
 */
export function createSweepPlan({ lists, clock }: Pick<SweepDependencies, "lists" | "clock">) {
  return async (limit: number): Promise<Readonly<Record<SweepList, readonly string[]>>> => {
    const subsOf = async (list: SweepList) => {
      const before = beforeOf(list, clock.now());
      const found: string[] = [];
      let after: string | undefined;
      // A page may have fewer entries than requested, since those that are too young are left out.
      do {
        const page = await lists[list]?.page({ before, limit: limit - found.length, after });
        found.push(...(page?.subs ?? []));
        after = page?.next;
      } while (after !== undefined && found.length < limit);
      return found;
    };
    return {
      erasing: await subsOf("erasing"),
      disconnecting: await subsOf("disconnecting"),
      due: await subsOf("due"),
    };
  };
}

function beforeOf(list: SweepList, now: EpochMs): EpochMs {
  return list === "due" ? now : now - MIN_AGE_MS;
}

/**
 * Works on a page.
 * @param position how many subjects of the list came before
 * @returns how many subjects failed
 */
type Work = (subs: readonly string[], position: number) => Promise<number>;

function createWorkers(
  dependencies: SweepDependencies,
  { by, log, deadline: end }: SweepRequest,
): Readonly<Record<SweepList, Work>> {
  const { users, renewals, clock } = dependencies;
  const finishDisconnect = createFinishDisconnect(dependencies);
  const finishErasure = createFinishErasure(dependencies);
  return {
    erasing: oneByOne(log, async (sub) => {
      const { erasure, revocation, damage }: UserRecord = await users.find(sub);
      if (erasure === undefined && damage !== undefined) {
        throw new InternalError("damaged_item");
      }
      if (erasure !== undefined && revocation === undefined) {
        const deadline = Math.min(clock.now() + SUBJECT_MS, end);
        await finishErasure({ sub, deadline, log }, erasure);
      }
    }),
    disconnecting: oneByOne(log, async (sub) => {
      await finishDisconnect({ sub, by, log });
    }),
    due: async (subs, position) => {
      const delaySeconds = Math.floor(position / RENEWALS_PER_SECOND);
      await renewals?.renew(subs.map((sub) => ({ sub, delaySeconds })));
      return 0;
    },
  };
}

function oneByOne(log: Logger, act: (sub: string) => Promise<void>): Work {
  return async (subs) => {
    let failed = 0;
    for (const sub of subs) {
      try {
        await act(sub);
      } catch (error) {
        failed += 1;
        report(log, error);
      }
    }
    return failed;
  };
}

interface Sweeping {
  readonly list: SweepList;
  readonly from: string | undefined;
  readonly work: Work;
  readonly until: EpochMs;
}

async function sweepList(
  dependencies: SweepDependencies,
  { log }: SweepRequest,
  { list, from, work, until }: Sweeping,
): Promise<Swept> {
  const { lists, clock } = dependencies;
  const source = lists[list];
  if (source === undefined) {
    return NOTHING;
  }
  const before = beforeOf(list, clock.now());
  let after = from;
  let seen = 0;
  let done = 0;
  let failed = 0;
  try {
    do {
      if (clock.now() > until) {
        break;
      }
      const { subs, next } = await source.page({ before, limit: PAGE[list], after });
      // Before the work: a subject that ends this process must not be the first that the next run
      // meets.
      failed += await moveOn(dependencies, log, { list, from: after, to: next });
      const undone = subs.length === 0 ? 0 : await work(subs, seen);
      done += subs.length - undone;
      failed += undone;
      seen += subs.length;
      after = next;
    } while (after !== undefined && seen < MAX_ITEMS[list]);
  } catch (error) {
    report(log, error);
    return { done, failed: failed + 1 };
  }
  return { done, failed };
}

/**
 * A position that cannot be written keeps no subject from being done.
 * @returns how many writes failed: 0 or 1
 */
async function moveOn(
  { positions }: SweepDependencies,
  log: Logger,
  {
    list,
    from,
    to,
  }: {
    readonly list: SweepList;
    readonly from: string | undefined;
    readonly to: string | undefined;
  },
): Promise<number> {
  if (from === to) {
    return 0;
  }
  try {
    await positions.write(list, to);
    return 0;
  } catch (error) {
    report(log, error);
    return 1;
  }
}

/**
 * Logs only the class of a bug: its message may quote anything. The handler fails at the end, so
 * that the alarm for errors sees it.
 */
function report(log: Logger, error: unknown): void {
  if (error instanceof ServiceError) {
    log.warn("not_swept", { reason: error.reason });
    return;
  }
  const cause = error instanceof Error ? error.name : "unknown";
  log.error("not_swept", { reason: "bug", cause });
}
