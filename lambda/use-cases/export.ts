/** Everything that is kept about a user, secrets excepted; of what is damaged, what can be read. */
import type { DamagedUser, Evidence, Grant, Session, User } from "../model";
import type { GrantStore, SessionStore, UserStore } from "../ports";
import { isOutdated } from "../model";
import { UnauthorizedError } from "../errors";
import { isErasedFor } from "./grant";

export interface Export {
  readonly sub: string;
  /** Undefined before the first `PUT /me`, and where it cannot be read as a whole. */
  readonly user: User | undefined;
  readonly damage: DamagedUser | undefined;
  readonly grant: Grant | undefined;
  /** Also those that have run out and are not deleted yet. */
  readonly sessions: readonly Session[];
}

/** @throws UnauthorizedError `erased_user`, UnavailableError, InternalError */
export function createExportUser({
  users,
  grants,
  sessions,
}: {
  readonly users: Pick<UserStore, "find">;
  readonly grants: Pick<GrantStore, "read">;
  readonly sessions: Pick<SessionStore, "listOf">;
}) {
  return async (evidence: Evidence): Promise<Export> => {
    const { sub } = evidence;
    const [{ user, erasure, damage }, grant, all] = await Promise.all([
      users.find(sub),
      grants.read(sub),
      sessions.listOf(sub),
    ]);
    if (isOutdated(evidence, erasure) || isErasedFor(grant, evidence)) {
      throw new UnauthorizedError("erased_user");
    }
    return { sub, user, damage, grant, sessions: all };
  };
}
