/**
 * Exports everything that is kept about a user except secrets, and the readable part of damaged
 * items.
 */
import { assertCurrent } from "../cutoff";
import type { Grant } from "../grant/grant";
import { asEnded } from "../grant/transitions";
import type { DamagedUser, EpochMs, Evidence, Session, User } from "../model";
import type { Clock } from "../ports/runtime";
import type { EndedMarks, GrantStore, SessionStore, UserStore } from "../ports/stores";
import { bestOf, firstOf, pagesOf } from "./session-pages";
import { lastUsedFirst } from "./sessions";

export interface Export {
  readonly sub: string;
  /** Undefined before the first `PUT /me`, and where it cannot be read as a whole. */
  readonly user: User | undefined;
  readonly damage: DamagedUser | undefined;
  readonly grant: Grant | undefined;
  /**
   * Includes expired sessions that are not deleted yet. Where there are too many, those used most
   * recently.
   */
  readonly sessions: readonly Session[];
}

/**
 * @throws UnauthorizedError `erased_user` or `signed_out`; UnavailableError, also
 * `too_little_time_left`; InternalError
 */
export function createExportUser({
  users,
  grants,
  ended,
  sessions,
  clock,
  maxListed,
}: {
  readonly users: Pick<UserStore, "find">;
  readonly grants: Pick<GrantStore, "read">;
  readonly ended: Pick<EndedMarks, "read">;
  readonly sessions: Pick<SessionStore, "page">;
  readonly clock: Clock;
  /** Sessions at most, so that the answer stays below what AWS Lambda lets through (6 MB). */
  readonly maxListed: number;
}) {
  return async (evidence: Evidence, deadline: EpochMs): Promise<Export> => {
    const { sub } = evidence;
    const [record, grant, endedAt, listed] = await Promise.all([
      users.find(sub),
      grants.read(sub),
      ended.read(sub),
      bestOf(firstOf(pagesOf({ sessions, clock }, sub, deadline)), maxListed, lastUsedFirst),
    ]);
    assertCurrent(evidence, record);
    assertCurrent(evidence, grant);
    const { user, damage } = record;
    return { sub, user, damage, grant: asEnded(grant, endedAt), sessions: listed };
  };
}
