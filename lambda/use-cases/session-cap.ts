/**
 * No user has more sessions than the stage allows: one more ends those that nobody used for
 * longest.
 *
 * Looks at one page at each sign-in, whatever there is: the cap and a little more. The index behind
 * it lags by moments, so sign-ins side by side may leave a few more for as long; the next one ends
 * them. Of a user who had thousands before there was a cap, each sign-in ends as many as it finds
 * beyond it, and is no slower than that.
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
  /** Ends with the sign-in as it is. */
  readonly replaces: Session | undefined;
  readonly deadline: EpochMs;
  readonly log: Logger;
}

/** So many of those beyond the cap are ended at once. */
const BEYOND = 64;

/** Never throws: whoever has signed in is signed in. */
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

/** Last use, then opening. What has run out, or cannot be read, comes before all. */
function useOf({ session }: SessionEntry, now: EpochMs): readonly [EpochMs, EpochMs] {
  return session !== undefined && isLive(session, now)
    ? [session.lastSeenAt, session.createdAt]
    : [0, 0];
}
