/** Everything that is kept about a user, secrets excepted. */
import { assertCurrent } from "../cutoff";
import type { EpochMs, Evidence, Grant, Session, User } from "../model";
import type { Clock, GrantStore, SessionStore, UserStore } from "../ports";
import { bestOf, firstOf, pagesOf } from "./session-pages";
import { lastUsedFirst } from "./sessions";

export interface Export {
  readonly sub: string;
  /** Undefined before the first `PUT /me`. */
  readonly user: User | undefined;
  readonly grant: Grant | undefined;
  /** Also those that have run out and are not deleted yet; where there are too many, those that were used last. */
  readonly sessions: readonly Session[];
}

/** @throws UnauthorizedError `erased_user` or `signed_out`, UnavailableError, InternalError */
export function createExportUser({
  users,
  grants,
  sessions,
  clock,
  maxListed,
}: {
  readonly users: Pick<UserStore, "find">;
  readonly grants: Pick<GrantStore, "read">;
  readonly sessions: Pick<SessionStore, "page">;
  readonly clock: Clock;
  /** Sessions, so that the answer stays below what AWS Lambda lets through (6 MB). */
  readonly maxListed: number;
}) {
  return async (evidence: Evidence, deadline: EpochMs): Promise<Export> => {
    const { sub } = evidence;
    const [record, grant, listed] = await Promise.all([
      users.find(sub),
      grants.read(sub),
      bestOf(firstOf(pagesOf({ sessions, clock }, sub, deadline)), maxListed, lastUsedFirst),
    ]);
    assertCurrent(evidence, record);
    assertCurrent(evidence, grant);
    return { sub, user: record.user, grant, sessions: listed };
  };
}
