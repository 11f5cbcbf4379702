/** The user's record: made and renewed from a verified ID token, read by its owner. */
import { InvalidRequestError } from "../errors";
import type { User, VerifiedIdToken } from "../model";
import type { Clock, UserStore } from "../ports";

export interface UsersDependencies {
  readonly users: UserStore;
  readonly clock: Clock;
}

/** Creates the user, or brings the claims up to date. */
export function createPutUser({ users, clock }: UsersDependencies) {
  return async (idToken: VerifiedIdToken): Promise<{ user: User; created: boolean }> =>
    await users.upsert(idToken, clock.now());
}

/** @throws InvalidRequestError `not_found` before the first `PUT /me`. */
export function createGetUser({ users }: Pick<UsersDependencies, "users">) {
  return async (sub: string): Promise<User> => {
    const user = await users.find(sub);
    if (user === undefined) {
      throw new InvalidRequestError("not_found");
    }
    return user;
  };
}
