/**
 * Forgetting a user. Primary course:
 *  1. A tombstone takes the user's place. From here on, proofs from before the erasure create nothing any more.
 *  2. A tombstone takes the grant's place: ciphertext and wrapped key are gone, an exchange in flight finds its lease gone. Where the provider
 *     has a revocation endpoint the token is revoked between two writes, as in disconnect.ts.
 *  3. The user's sessions end.
 *  4. The first tombstone is marked as finished; the receipt is its content.
 *
 * Invariants: a step that is repeated changes nothing, so whoever comes next (the user, the sweeper, the operator) finishes what broke off;
 * whoever signs in after step 1 with a newer proof keeps what that made: it carries the mark of this erasure.
 */
import { UnauthorizedError, UnavailableError } from "../errors";
import {
  evidenceOfSession,
  isOutdated,
  type EpochMs,
  type Erasure,
  type ErasureReceipt,
  type Evidence,
  type Revocation,
  type UserRecord,
} from "../model";
import type { Clock, GrantStore, Logger, Random, SessionStore, UserEraser } from "../ports";
import { beginErase, erase } from "./grant-end";
import { revoke, type RevokeDependencies } from "./revoke";

export interface EraseDependencies {
  readonly users: UserEraser;
  readonly grants: GrantStore;
  readonly sessions: SessionStore;
  /** Absent where the provider has no revocation endpoint. */
  readonly revocation: RevokeDependencies | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

export interface EraseRequest {
  readonly sub: string;
  /** Absent where it is the operator's wish. */
  readonly evidence?: Evidence;
  readonly log: Logger;
}

const MAX_CONFLICTS = 8;

/** @throws UnauthorizedError `erased_user` where the user came back since, UnavailableError, InternalError */
export function createErase(dependencies: EraseDependencies) {
  const finish = createFinishErasure(dependencies);

  return async function eraseUser(request: EraseRequest): Promise<ErasureReceipt> {
    const { sub } = request;
    const record = await begin(dependencies, request);
    const { erasure, revocation } = record;
    return revocation === undefined
      ? await finish(sub, erasure, request.log)
      : { sub, erasedAt: erasure.at, revocation };
  };
}

/** Steps 2 to 4. */
export function createFinishErasure(
  dependencies: Omit<EraseDependencies, "users"> & { readonly users: Pick<UserEraser, "finish"> },
) {
  return async (sub: string, erasure: Erasure, log: Logger): Promise<ErasureReceipt> => {
    const revocation = await eraseGrant(dependencies, { sub, erasure, log });
    await endSessions(dependencies.sessions, sub, erasure);
    await dependencies.users.finish(sub, erasure, revocation);
    return { sub, erasedAt: erasure.at, revocation };
  };
}

type Begun = Pick<UserRecord, "revocation"> & { readonly erasure: Erasure };

/** Step 1, or what an earlier call made of it. */
async function begin(dependencies: EraseDependencies, request: EraseRequest): Promise<Begun> {
  const { users, clock } = dependencies;
  const { sub, evidence } = request;
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const seen = await users.find(sub);
    const { user, erasure, revocation } = seen;
    if (erasure !== undefined && isRepetition(seen, evidence)) {
      return { erasure, revocation };
    }
    const isThere = user !== undefined || seen.damage !== undefined;
    if (isThere && evidence !== undefined && isOutdated(evidence, erasure)) {
      throw new UnauthorizedError("erased_user");
    }
    const next = nextErasure(seen, evidence, clock.now());
    if (await users.begin(sub, seen, next)) {
      return { erasure: next, revocation: undefined };
    }
  }
  throw new UnavailableError("store_conflict");
}

/** There is nothing new to erase. An erasure that broke off is finished first, whoever asks. */
function isRepetition(
  { user, damage, revocation, erasure }: UserRecord,
  evidence?: Evidence,
): boolean {
  const isOld = evidence === undefined || isOutdated(evidence, erasure);
  return user === undefined && damage === undefined && (revocation === undefined || isOld);
}

function nextErasure(seen: UserRecord, evidence: Evidence | undefined, now: EpochMs): Erasure {
  const hashes = [
    evidence?.tokenHash,
    (seen.user ?? seen.damage?.rest)?.claimsTokenHash,
    ...(seen.erasure?.tokenHashes ?? []),
  ];
  const known = hashes.filter((hash) => hash !== undefined);
  return {
    at: Math.max(now, (seen.erasure?.at ?? 0) + 1),
    tokenHashes: [...new Set(known)].slice(0, MAX_HASHES),
  };
}

/** The newest first: they matter for the second of the erasure and a provider's clock that is ahead. */
const MAX_HASHES = 8;

/** Step 2. A grant that knows of the erasure was stored after it, and stays, if it can be read. */
async function eraseGrant(
  dependencies: Omit<EraseDependencies, "users">,
  { sub, erasure, log }: { sub: string; erasure: Erasure; log: Logger },
): Promise<Revocation> {
  const { grants, random } = dependencies;
  let revocation: Revocation = dependencies.revocation === undefined ? "no_endpoint" : "no_token";
  let grant = await grants.read(sub);
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const isMarked =
      grant?.unreadable === undefined &&
      grant?.erasure !== undefined &&
      grant.erasure.at >= erasure.at;
    if (isMarked && grant?.status !== "disconnecting") {
      return revocation;
    }
    const mustRevoke = dependencies.revocation !== undefined && grant?.refreshToken !== undefined;
    const isFirstStep = mustRevoke && !isMarked;
    if (grant !== undefined && !isFirstStep) {
      revocation = await revoke(dependencies.revocation, grant, log);
    }
    const next =
      grant !== undefined && isFirstStep
        ? beginErase(grant, erasure)
        : erase(grant, erasure, { sub, grantId: random.id() });
    const result = await grants.write(next, next.revision);
    grant = result.written ? result.grant : result.current;
  }
  throw new UnavailableError("store_conflict");
}

/** Step 3. Sessions of somebody who came back since stay. */
async function endSessions(sessions: SessionStore, sub: string, erasure: Erasure): Promise<void> {
  const all = await sessions.listOf(sub);
  const old = all.filter((session) => isOutdated(evidenceOfSession(session), erasure));
  await Promise.all(old.map(({ tokenHash }) => sessions.end(tokenHash)));
}
