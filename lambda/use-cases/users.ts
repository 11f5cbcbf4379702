/** The user's record: made and renewed from a verified ID token, read by its owner. */
import { InternalError, InvalidRequestError, UnauthorizedError } from "../errors";
import {
  isOutdated,
  type Erasure,
  type Evidence,
  type User,
  type UserRecord,
  type VerifiedIdToken,
} from "../model";
import type { Clock, UserStore } from "../ports";

export interface UsersDependencies {
  readonly users: UserStore;
  readonly clock: Clock;
}

/** Creates the user, or brings the claims up to date. */
export function createPutUser({ users, clock }: UsersDependencies) {
  return async (
    idToken: VerifiedIdToken,
    evidence: Evidence,
  ): Promise<{ user: User; created: boolean; erasure: Erasure | undefined }> =>
    await users.upsert(idToken, evidence, clock.now());
}

/**
 * @throws InvalidRequestError `not_found` before the first `PUT /me`; UnauthorizedError `erased_user`; InternalError `damaged_item`, until the user
 * signs in or erases the record
 */
export function createGetUser({ users }: Pick<UsersDependencies, "users">) {
  return async (evidence: Evidence): Promise<User> =>
    presentUser(await users.find(evidence.sub), evidence);
}

/** Whoever proves themselves by what is older than the erasure is nobody; whoever came back since starts anew. */
export function presentUser({ user, erasure, damage }: UserRecord, evidence: Evidence): User {
  if (isOutdated(evidence, erasure)) {
    throw new UnauthorizedError("erased_user");
  }
  if (damage !== undefined) {
    throw new InternalError("damaged_item");
  }
  if (user === undefined) {
    throw new InvalidRequestError("not_found");
  }
  return user;
}
