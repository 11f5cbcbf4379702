/** The user's record: made and renewed from a verified ID token, read by its owner. */
import { assertCurrent } from "../cutoff";
import { InternalError, InvalidRequestError } from "../errors";
import type { Cutoffs, Evidence, User, UserRecord, VerifiedIdToken } from "../model";
import type { Clock } from "../ports/runtime";
import type { UserStore } from "../ports/stores";

export interface UsersDependencies {
  readonly users: UserStore;
  readonly clock: Clock;
}

/** Creates the user, or brings the claims up to date. */
export function createPutUser({ users, clock }: UsersDependencies) {
  return async (
    idToken: VerifiedIdToken,
    evidence: Evidence,
  ): Promise<Cutoffs & { user: User; created: boolean }> =>
    await users.upsert(idToken, evidence, clock.now());
}

/**
 * @throws InvalidRequestError `not_found` before the first `PUT /me`; UnauthorizedError
 * `erased_user` or `signed_out`; InternalError `damaged_item`, until the user signs in or erases
 * the record
 */
export function createGetUser({ users }: Pick<UsersDependencies, "users">) {
  return async (evidence: Evidence): Promise<User> =>
    presentUser(await users.find(evidence.sub), evidence);
}

/**
 * Whoever proves themselves by what counts no more is nobody; whoever came back since an erasure
 * starts anew.
 */
export function presentUser(record: UserRecord, evidence: Evidence): User {
  assertCurrent(evidence, record);
  const { user, damage } = record;
  if (damage !== undefined) {
    throw new InternalError("damaged_item");
  }
  if (user === undefined) {
    throw new InvalidRequestError("not_found");
  }
  return user;
}
