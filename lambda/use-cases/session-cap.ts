/**
 * No user has more sessions than the stage allows: a sign-in beyond the cap ends those that were
 * unused for longest.
 *
 * Each sign-in reads one page, however many sessions there are: the cap and a little more. The
 * index behind it lags by moments, so concurrent sign-ins may leave a few more for that long; the
 * next sign-in ends them. Where a user had thousands of sessions before there was a cap, each
 * sign-in ends only the surplus in its page, so that it is no slower.
 */
import { ServiceError } from "../errors";
import type { EpochMs, Session } from "../model";
import type { Logger } from "../ports/runtime";
import type { SessionEntry } from "../ports/stores";
import { endThese, type PagesDependencies } from "./session-pages";
import { isLive } from "./sessions";

export interface CapDependencies extends PagesDependencies {
  readonly sessionsPerUser: number;
}

export interface CapRequest {
  readonly opened: Session;
  /** This session ends with the sign-in anyway. */
  readonly replaces: Session | undefined;
  readonly deadline: EpochMs;
  readonly log: Logger;
}

/** The most sessions beyond the cap that one sign-in looks for. */
const BEYOND = 64;

/** Never throws: a failure here must not undo a sign-in. */
export function createKeepCap(dependencies: CapDependencies) {
  return async (request: CapRequest): Promise<void> => {
    try {
      await keepCap(dependencies, request);
    } catch (error) {
      const isOurs = error instanceof ServiceError;
      const cause = error instanceof Error ? error.name : "unknown";
      request.log[isOurs ? "warn" : "error"]("sessions_not_capped", {
        reason: isOurs ? error.reason : "bug",
        cause,
      });
    }
  };
}

async function keepCap(
  dependencies: CapDependencies,
  { opened, replaces, deadline }: CapRequest,
): Promise<void> {
  const { sessions, sessionsPerUser, clock } = dependencies;
  const limit = sessionsPerUser + BEYOND;
  const { entries } = await sessions.page(opened.sub, { limit, after: undefined });
  const kept = new Set([opened.tokenHash, replaces?.tokenHash]);
  const others = entries.filter(({ tokenHash }) => !kept.has(tokenHash));
  const surplus = Math.max(0, others.length - (sessionsPerUser - 1));
  const now = clock.now();
  const sorted = others.sort((one, other) => {
    const [[seen, created], [otherSeen, otherCreated]] = [useOf(one, now), useOf(other, now)];
    return seen - otherSeen || created - otherCreated;
  });
  await endThese(dependencies, sorted.slice(0, surplus), deadline);
}

/** Sorts by last use, then by opening. Expired and unreadable sessions come first. */
function useOf({ session }: SessionEntry, now: EpochMs): readonly [EpochMs, EpochMs] {
  return session !== undefined && isLive(session, now)
    ? [session.lastSeenAt, session.createdAt]
    : [0, 0];
}
