/**
 * Reads and ends a user's sessions page by page, however many there are: no call holds all of them
 * at once, and none continues when its time is over.
 *
 * Invariant: what has ended stays ended, so a call that stops in the middle has made progress, and
 * the next one continues.
 */
import { isOutdated } from "../cutoff";
import { UnavailableError } from "../errors";
import { type Cutoff, type EpochMs, evidenceOfSession, type Session } from "../model";
import type { Clock } from "../ports/runtime";
import type { SessionEntry, SessionStore } from "../ports/stores";

export interface PagesDependencies {
  readonly sessions: Pick<SessionStore, "page" | "end">;
  readonly clock: Clock;
}

/** Items per read. */
const PAGE = 250;
/** Concurrent deletes: the SDK has fifty connections, and other requests need some. */
const SIDE_BY_SIDE = 32;
/**
 * Milliseconds of an invocation in which no more work begins: three attempts of a delete, and the
 * answer.
 */
const RESERVE_MS = 6_000;

/**
 * @throws UnavailableError, also `too_little_time_left` from {@link RESERVE_MS} before the
 * deadline; InternalError
 */
export async function* pagesOf(
  {
    sessions,
    clock,
  }: Pick<PagesDependencies, "clock"> & {
    readonly sessions: Pick<SessionStore, "page">;
  },
  sub: string,
  deadline: EpochMs,
): AsyncGenerator<readonly SessionEntry[]> {
  let after: string | undefined;
  do {
    assertTimeIsLeft(clock, deadline);
    const { entries, next } = await sessions.page(sub, { limit: PAGE, after });
    yield entries;
    after = next;
  } while (after !== undefined);
}

/**
 * Pages that a list reads: five thousand sessions, while no stage allows more than one thousand. A
 * user who has more, from before there was a cap, sees some of them in time instead of all of them
 * too late.
 */
const LISTED_PAGES = 20;

/** The first pages, at most {@link LISTED_PAGES}. */
export async function* firstOf(
  pages: AsyncIterable<readonly SessionEntry[]>,
): AsyncGenerator<readonly SessionEntry[]> {
  let count = 0;
  for await (const page of pages) {
    yield page;
    count += 1;
    if (count === LISTED_PAGES) {
      return;
    }
  }
}

/** The first `limit` sessions in the order of `compare`. Unreadable ones are left out. */
export async function bestOf(
  pages: AsyncIterable<readonly SessionEntry[]>,
  limit: number,
  compare: (one: Session, other: Session) => number,
): Promise<readonly Session[]> {
  let best: Session[] = [];
  for await (const page of pages) {
    const read = page.flatMap(({ session }) => (session === undefined ? [] : [session]));
    best = [...best, ...read].sort(compare).slice(0, limit);
  }
  return best;
}

export async function countAll(pages: AsyncIterable<readonly SessionEntry[]>): Promise<number> {
  let count = 0;
  for await (const page of pages) {
    count += page.length;
  }
  return count;
}

/** Ends those of the user's sessions that `mustEnd` picks. @throws as {@link endThese} */
export async function endAllOf(
  dependencies: PagesDependencies,
  { sub, deadline }: { readonly sub: string; readonly deadline: EpochMs },
  mustEnd: (entry: SessionEntry) => boolean,
): Promise<void> {
  for await (const page of pagesOf(dependencies, sub, deadline)) {
    await endThese(dependencies, page.filter(mustEnd), deadline);
  }
}

/**
 * Ends the sessions that `cutoff` covers and those that cannot be read. The one in use ends last,
 * so that the caller can repeat a call that broke off.
 * @throws as {@link endThese}
 */
export async function endOlder(
  dependencies: PagesDependencies,
  {
    currentTokenHash,
    ...request
  }: {
    readonly sub: string;
    readonly deadline: EpochMs;
    readonly currentTokenHash?: string;
  },
  cutoff: Cutoff,
): Promise<void> {
  await endAllOf(dependencies, request, ({ tokenHash, session }) => {
    const isOld = session === undefined || isOutdated(evidenceOfSession(session), cutoff);
    return isOld && tokenHash !== currentTokenHash;
  });
  if (currentTokenHash !== undefined) {
    await dependencies.sessions.end(currentTokenHash);
  }
}

/**
 * Ends these sessions. No delete is still under way when this returns or throws.
 * @throws UnavailableError, also `too_little_time_left`; InternalError
 */
export async function endThese(
  { sessions, clock }: PagesDependencies,
  entries: readonly SessionEntry[],
  deadline: EpochMs,
): Promise<void> {
  for (let from = 0; from < entries.length; from += SIDE_BY_SIDE) {
    assertTimeIsLeft(clock, deadline);
    const batch = entries.slice(from, from + SIDE_BY_SIDE);
    const ended = await Promise.allSettled(batch.map(({ tokenHash }) => sessions.end(tokenHash)));
    for (const outcome of ended) {
      if (outcome.status === "rejected") {
        throw outcome.reason;
      }
    }
  }
}

function assertTimeIsLeft(clock: Clock, deadline: EpochMs): void {
  if (clock.now() > deadline - RESERVE_MS) {
    throw new UnavailableError("too_little_time_left");
  }
}
