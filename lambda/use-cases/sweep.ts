/**
 * What broke off is finished, and what is due is handed to the recovery function. Run every few minutes, and by the operator.
 *
 * Invariants: bounded in time and number; whatever fails at one subject is counted and passed by, and the next run goes on behind where this one
 * stopped, so that nothing that cannot be done keeps the rest from being done; doing anything twice changes nothing. Never exchanges itself.
 */
import type { EpochMs, UserRecord } from "../model";
import type {
  Logger,
  RenewalQueue,
  SubjectList,
  SweepList,
  SweepPositions,
  UserEraser,
} from "../ports";
import { InternalError, ServiceError } from "../errors";
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
  /** How the history calls whoever sweeps. */
  readonly by: string;
  readonly deadline: EpochMs;
  readonly log: Logger;
}

export interface Swept {
  readonly done: number;
  readonly failed: number;
}

export type SweepReport = Readonly<Record<SweepList, Swept>>;

/** What is younger may still be under way. */
export const MIN_AGE_MS = 60_000;
/** Of one list in one run. */
export const MAX_ITEMS: Readonly<Record<SweepList, number>> = {
  ...{ erasing: 200, disconnecting: 200, due: 1_500 },
};
/** So that what is due does not reach the provider all at once: the bound above, over the five minutes between two runs. */
const RENEWALS_PER_SECOND = 5;
/** As many as the queue takes at once. */
const PAGE = 10;
/** Left of the time when no other page is begun. */
const RESERVE_MS = 10_000;
const NOTHING: Swept = { done: 0, failed: 0 };

export function createSweep(dependencies: SweepDependencies) {
  return async (request: SweepRequest): Promise<SweepReport> => {
    const from = await dependencies.positions.read();
    const workers = createWorkers(dependencies, request);
    const run = async (list: SweepList) =>
      await sweepList(dependencies, request, { list, from: from[list], work: workers[list] });
    return {
      erasing: await run("erasing"),
      disconnecting: await run("disconnecting"),
      due: await run("due"),
    };
  };
}

/** What a sweep would find now, at most `limit` of each. */
export function createSweepPlan({ lists, clock }: Pick<SweepDependencies, "lists" | "clock">) {
  return async (limit: number): Promise<Readonly<Record<SweepList, readonly string[]>>> => {
    const subsOf = async (list: SweepList) => {
      const before = beforeOf(list, clock.now());
      return (await lists[list]?.page({ before, limit, after: undefined }))?.subs ?? [];
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

/** Takes a page; how many of it could not be done. `position`: how many of the list came before. */
type Work = (subs: readonly string[], position: number) => Promise<number>;

function createWorkers(
  dependencies: SweepDependencies,
  { by, log }: SweepRequest,
): Readonly<Record<SweepList, Work>> {
  const { users, renewals } = dependencies;
  const finishDisconnect = createFinishDisconnect(dependencies);
  const finishErasure = createFinishErasure(dependencies);
  return {
    erasing: oneByOne(log, async (sub) => {
      const { erasure, revocation, damage }: UserRecord = await users.find(sub);
      if (erasure === undefined && damage !== undefined) {
        throw new InternalError("damaged_item");
      }
      if (erasure !== undefined && revocation === undefined) {
        await finishErasure(sub, erasure, log);
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
}

async function sweepList(
  { lists, positions, clock }: SweepDependencies,
  { deadline, log }: SweepRequest,
  { list, from, work }: Sweeping,
): Promise<Swept> {
  const source = lists[list];
  if (source === undefined) {
    return NOTHING;
  }
  const before = beforeOf(list, clock.now());
  let after = from;
  let seen = 0;
  let failed = 0;
  try {
    do {
      if (clock.now() > deadline - RESERVE_MS) {
        break;
      }
      const { subs, next } = await source.page({ before, limit: PAGE, after });
      failed += subs.length === 0 ? 0 : await work(subs, seen);
      seen += subs.length;
      after = next;
    } while (after !== undefined && seen < MAX_ITEMS[list]);
    if (after !== from) {
      await positions.write(list, after);
    }
  } catch (error) {
    report(log, error);
    return { done: seen - failed, failed: failed + 1 };
  }
  return { done: seen - failed, failed };
}

/** @throws what is no error of ours */
function report(log: Logger, error: unknown): void {
  if (!(error instanceof ServiceError)) {
    throw error;
  }
  log.warn("not_swept", { reason: error.reason });
}
