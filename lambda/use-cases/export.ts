/** Everything that is kept about a user, secrets excepted. */
import type { Evidence, Grant, Session, User } from "../model";
import type { EndedMarks, GrantStore, SessionStore, UserStore } from "../ports";
import { isOutdated } from "../model";
import { UnauthorizedError } from "../errors";
import { isErasedFor } from "./grant";
import { asEnded } from "./grant-end";

export interface Export {
  readonly sub: string;
  /** Undefined before the first `PUT /me`. */
  readonly user: User | undefined;
  readonly grant: Grant | undefined;
  /** Also those that have run out and are not deleted yet. */
  readonly sessions: readonly Session[];
}

/** @throws UnauthorizedError `erased_user`, UnavailableError, InternalError */
export function createExportUser({
  users,
  grants,
  ended,
  sessions,
}: {
  readonly users: Pick<UserStore, "find">;
  readonly grants: Pick<GrantStore, "read">;
  readonly ended: Pick<EndedMarks, "read">;
  readonly sessions: Pick<SessionStore, "listOf">;
}) {
  return async (evidence: Evidence): Promise<Export> => {
    const { sub } = evidence;
    const [{ user, erasure }, grant, endedAt, all] = await Promise.all([
      users.find(sub),
      grants.read(sub),
      ended.read(sub),
      sessions.listOf(sub),
    ]);
    if (isOutdated(evidence, erasure) || isErasedFor(grant, evidence)) {
      throw new UnauthorizedError("erased_user");
    }
    return { sub, user, grant: asEnded(grant, endedAt), sessions: all };
  };
}
