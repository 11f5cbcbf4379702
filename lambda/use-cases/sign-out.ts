/**
 * Signing out everywhere. Primary course:
 *  1. The user's record says so. From here on, older evidence opens nothing: ID tokens and
 *     sessions.
 *  2. So does the grant's row, for the routes that read no other item; where there is no row, one
 *     is made that says it.
 *  3. The older sessions end, the one in use last.
 *
 * Invariants: each step is harmless to repeat, so the next call with the same session finishes one
 * that broke off; a user who has signed in since step 1 keeps what that made.
 */
import { nextCutoff, outdatedBy } from "../cutoff";
import { UnauthorizedError, UnavailableError } from "../errors";
import type { Grant } from "../grant/grant";
import { signOut } from "../grant/transitions";
import { type Cutoff, type EpochMs, evidenceOfSession, type Session } from "../model";
import type { Clock, Logger, Random } from "../ports/runtime";
import type { GrantStore, SessionStore, UserStore } from "../ports/stores";
import { updateGrant } from "../refresh/update-grant";
import { endOlder } from "./session-pages";
import { unlessUnreadable } from "./unreadable";

export interface SignOutDependencies {
  readonly users: Pick<UserStore, "find" | "signOut">;
  readonly grants: GrantStore;
  readonly sessions: Pick<SessionStore, "page" | "end">;
  readonly clock: Clock;
  readonly random: Random;
}

export interface SignOutRequest {
  /** The one in use. */
  readonly session: Session;
  readonly deadline: EpochMs;
  readonly log: Logger;
}

const MAX_CONFLICTS = 8;

/**
 * @throws UnauthorizedError `erased_user`; UnavailableError, also `too_little_time_left`;
 * InternalError
 */
export function createSignOutEverywhere(dependencies: SignOutDependencies) {
  return async (request: SignOutRequest): Promise<void> => {
    const { session, deadline } = request;
    const { sub, tokenHash } = session;
    const signedOut = await markUser(dependencies, request);
    await markGrant(dependencies, request, signedOut);
    await endOlder(dependencies, { sub, deadline, currentTokenHash: tokenHash }, signedOut);
  };
}

/**
 * Step 1, or the cutoff of an earlier call and no newer one: a session that no longer counts ends
 * none that does.
 */
async function markUser(
  { users, clock }: SignOutDependencies,
  { session, log }: SignOutRequest,
): Promise<Cutoff> {
  const evidence = evidenceOfSession(session);
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    // While a record cannot be read, no session is opened for its user.
    const record = await unlessUnreadable(users.find(session.sub), log);
    const reason = outdatedBy(evidence, record);
    if (reason === "erased_user") {
      throw new UnauthorizedError(reason);
    }
    if (reason === "signed_out" && record?.signedOut !== undefined) {
      return record.signedOut;
    }
    const known = [evidence.tokenHash, record?.user?.claimsTokenHash];
    const signedOut = nextCutoff(clock.now(), known, record ?? {});
    if (record?.user === undefined || (await users.signOut(record.user, signedOut))) {
      return signedOut;
    }
  }
  throw new UnavailableError("store_conflict");
}

/** Step 2. */
async function markGrant(
  { grants, random }: SignOutDependencies,
  { session: { sub }, log }: SignOutRequest,
  signedOut: Cutoff,
): Promise<void> {
  const identity = { sub, grantId: random.id() };
  const found = await unlessUnreadable(
    grants.read(sub).then((grant) => ({ grant })),
    log,
  );
  if (found !== undefined) {
    const mark = (grant: Grant | undefined) =>
      (grant?.signedOut?.at ?? 0) >= signedOut.at ? grant : signOut(grant, signedOut, identity);
    await updateGrant(grants, sub, mark, found);
  }
}
