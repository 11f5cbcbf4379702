/**
 * Erasing a user. In order:
 *  1. A tombstone replaces the user's record. From here on, older evidence creates nothing.
 *  2. A mark outside the grant's item records that the grant has ended, and a tombstone replaces
 *     the grant: ciphertext and wrapped key are gone, and a refresh in flight finds its lease gone.
 *     Where the provider has a revocation endpoint, the token is revoked between two writes, as in
 *     disconnect.ts.
 *  3. The user's sessions end, page by page, as long as time is left.
 *  4. The user's tombstone is marked as finished; the receipt is its content.
 *
 * Invariants: a repeated step changes nothing, so the next call (of the user, the sweeper or the
 * operator) finishes what broke off. A user who signs in after step 1 with newer evidence keeps
 * what that sign-in made: it carries the mark of this erasure.
 */
import { assertCurrent, isOutdated, nextCutoff } from "../cutoff";
import { UnauthorizedError, UnavailableError } from "../errors";
import type { Grant } from "../grant/grant";
import { madeAt, newGrantId } from "../grant/grant-id";
import { beginErase, erase } from "../grant/transitions";
import type { EpochMs, Erasure, ErasureReceipt, Evidence, Revocation, UserRecord } from "../model";
import type { Clock, Logger, Random } from "../ports/runtime";
import type { EndedMarks, GrantStore, SessionStore, UserEraser } from "../ports/stores";
import { revoke, type RevokeDependencies } from "../refresh/revoke";
import { updateGrant } from "../refresh/update-grant";
import { endOlder } from "./session-pages";

export interface EraseDependencies {
  readonly users: UserEraser;
  readonly grants: GrantStore;
  readonly ended: Pick<EndedMarks, "raise">;
  readonly sessions: Pick<SessionStore, "page" | "end">;
  /** Absent where the provider has no revocation endpoint. */
  readonly revocation: RevokeDependencies | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

export interface EraseRequest {
  readonly sub: string;
  /** Absent where the operator erases the user. */
  readonly evidence?: Evidence;
  /**
   * Hash of the session in use. It ends last, so that the caller can repeat a call that broke off.
   */
  readonly currentTokenHash?: string;
  readonly deadline: EpochMs;
  readonly log: Logger;
}

export type FinishRequest = Pick<EraseRequest, "sub" | "currentTokenHash" | "deadline" | "log">;

const MAX_CONFLICTS = 8;

/**
 * @throws UnauthorizedError `erased_user` where the user came back since, or was moved to another
 * subject, `signed_out` where they signed out everywhere; UnavailableError, also
 * `too_little_time_left`, after which the next call continues; InternalError
 */
export function createErase(dependencies: EraseDependencies) {
  const finish = createFinishErasure(dependencies);

  return async function eraseUser(request: EraseRequest): Promise<ErasureReceipt> {
    const { sub } = request;
    const record = await begin(dependencies, request);
    const { erasure, revocation } = record;
    return revocation === undefined
      ? await finish(request, erasure)
      : { sub, erasedAt: erasure.at, revocation };
  };
}

/**
 * Steps 2 to 4.
 * @throws UnavailableError, also `too_little_time_left`; InternalError
 */
export function createFinishErasure(
  dependencies: Omit<EraseDependencies, "users"> & { readonly users: Pick<UserEraser, "finish"> },
) {
  return async (request: FinishRequest, erasure: Erasure): Promise<ErasureReceipt> => {
    const { sub, log } = request;
    const revocation = await eraseGrant(dependencies, { sub, erasure, log });
    // Step 3. A user who came back since keeps the newer sessions.
    await endOlder(dependencies, request, erasure);
    await dependencies.users.finish(sub, erasure, revocation);
    return { sub, erasedAt: erasure.at, revocation };
  };
}

type Begun = Pick<UserRecord, "revocation"> & { readonly erasure: Erasure };

/** Step 1, or its result where an earlier call has taken it. */
async function begin(dependencies: EraseDependencies, request: EraseRequest): Promise<Begun> {
  const { users, clock } = dependencies;
  const { sub, evidence } = request;
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const seen = await users.find(sub);
    const { user, erasure, revocation } = seen;
    if (hasMoved(seen)) {
      // The user's data lives under another subject, so no receipt says that it is gone. Signing in
      // says where.
      throw new UnauthorizedError("erased_user");
    }
    if (erasure !== undefined && isRepetition(seen, evidence)) {
      return { erasure, revocation };
    }
    const isThere = user !== undefined || seen.damage !== undefined;
    if (isThere && evidence !== undefined) {
      assertCurrent(evidence, seen);
    }
    const last = (user ?? seen.damage?.rest)?.claimsTokenHash;
    const next = nextCutoff(clock.now(), [evidence?.tokenHash, last], seen);
    if (await users.begin(sub, seen, next)) {
      return { erasure: next, revocation: undefined };
    }
  }
  throw new UnavailableError("store_conflict");
}

function hasMoved({ user, damage, movedTo }: UserRecord): boolean {
  return user === undefined && damage === undefined && movedTo !== undefined;
}

/**
 * True where nothing new is left to erase. An erasure that broke off is finished first, for every
 * caller.
 */
function isRepetition(
  { user, damage, revocation, erasure }: UserRecord,
  evidence?: Evidence,
): boolean {
  const isOld = evidence === undefined || isOutdated(evidence, erasure);
  return user === undefined && damage === undefined && (revocation === undefined || isOld);
}

/** Step 2. A readable grant that carries this erasure was stored after it, and stays. */
async function eraseGrant(
  dependencies: Omit<EraseDependencies, "users">,
  { sub, erasure, log }: { sub: string; erasure: Erasure; log: Logger },
): Promise<Revocation> {
  const { grants, random } = dependencies;
  let revocation: Revocation = dependencies.revocation === undefined ? "no_endpoint" : "no_token";
  await updateGrant(grants, sub, async (grant) => {
    const isMarked =
      grant?.unreadable === undefined &&
      grant?.erasure !== undefined &&
      grant.erasure.at >= erasure.at;
    await markEnd(dependencies.ended, grant, { sub, erasure, isNewer: isMarked });
    if (isMarked && grant.status !== "disconnecting") {
      return grant;
    }
    const mustRevoke = dependencies.revocation !== undefined && grant?.refreshToken !== undefined;
    if (grant !== undefined && mustRevoke && !isMarked) {
      return beginErase(grant, erasure);
    }
    if (grant !== undefined) {
      revocation = await revoke(dependencies.revocation, grant, log);
    }
    return erase(grant, erasure, { sub, grantId: newGrantId(random, erasure.at) });
  });
  return revocation;
}

/**
 * Never ends a grant that was stored after the erasure, not even where its `grantId` does not say
 * when it was made.
 */
async function markEnd(
  ended: Pick<EndedMarks, "raise">,
  grant: Grant | undefined,
  { sub, erasure, isNewer }: { sub: string; erasure: Erasure; isNewer: boolean },
): Promise<void> {
  const made = grant === undefined ? 0 : madeAt(grant);
  const stays = isNewer && grant?.reason !== "erased";
  if (!stays) {
    await ended.raise(sub, Math.max(erasure.at, made));
  } else if (made > erasure.at) {
    await ended.raise(sub, erasure.at);
  }
}
