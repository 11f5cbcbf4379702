/** The user's record: a verified ID token creates and renews it, and its user reads it. */
import { assertCurrent } from "../cutoff";
import { InternalError, InvalidRequestError } from "../errors";
import type { Cutoffs, Evidence, User, UserRecord, VerifiedIdToken } from "../model";
import type { Clock } from "../ports/runtime";
import type { UserStore } from "../ports/stores";

export interface UsersDependencies {
  readonly users: UserStore;
  readonly clock: Clock;
}

/**
 * Creates the user, or brings the claims up to date.
 * @throws UnauthorizedError `erased_user` or `signed_out`; UnavailableError; InternalError
 */
export function createPutUser({ users, clock }: UsersDependencies) {
  return async (
    idToken: VerifiedIdToken,
    evidence: Evidence,
  ): Promise<Cutoffs & { user: User; created: boolean }> =>
    await users.upsert(idToken, evidence, clock.now());
}

/**
 * @throws InvalidRequestError `not_found` before the first `PUT /me`; UnauthorizedError
 * `erased_user` or `signed_out`; UnavailableError; InternalError, also `damaged_item` until the
 * user signs in or erases the record
 */
export function createGetUser({ users }: Pick<UsersDependencies, "users">) {
  return async (evidence: Evidence): Promise<User> =>
    presentUser(await users.find(evidence.sub), evidence);
}

/**
 * Refuses evidence that no longer counts. A user who comes back after an erasure starts anew.
 * @throws as {@link createGetUser}, UnavailableError excepted
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
