/**
 * Forgetting the refresh token for good. First a mark outside of the grant's item says when it ended, so that no older item that
 * is put back can undo it. Then the tombstone: an exchange in flight finds its lease gone (S30).
 * With a provider that has a revocation endpoint the token is also revoked there, between two writes: the first makes the grant
 * unusable, the second deletes the ciphertext. A crash anywhere is finished by repeating the call, which is harmless.
 */
import { assertCurrent } from "../cutoff";
import { UnavailableError } from "../errors";
import type { EpochMs, Evidence, Grant } from "../model";
import type { Clock } from "../ports/runtime";
import type { EndedMarks, GrantStore } from "../ports/stores";
import { beginDisconnect, disconnect } from "./grant-end";
import { endOf } from "./grant-id";
import type { Call } from "./held";
import { revoke, type RevokeDependencies } from "./revoke";

export interface DisconnectDependencies {
  readonly grants: GrantStore;
  readonly ended: Pick<EndedMarks, "raise">;
  /** Absent where the provider has no revocation endpoint. */
  readonly revocation: RevokeDependencies | undefined;
  readonly clock: Clock;
}

export interface DisconnectRequest extends Call {
  /** Absent where it is the operator's wish. */
  readonly evidence?: Evidence;
}

const MAX_CONFLICTS = 8;

/** For the sweeper: only what somebody has begun is finished, and never a grant that was stored since. */
export function createFinishDisconnect(dependencies: DisconnectDependencies) {
  const { grants, ended, clock, revocation } = dependencies;

  return async ({ sub, by, log }: Omit<Call, "deadline">): Promise<void> => {
    let grant = await grants.read(sub);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      if (grant?.status !== "disconnecting" || grant.reason === "erased") {
        return;
      }
      await ended.raise(sub, endOf(grant, clock.now()));
      await revoke(revocation, grant, log);
      const stamp = { at: Math.max(clock.now(), grant.since), by };
      const result = await grants.write(disconnect(grant, stamp), grant.revision);
      if (result.written) {
        return;
      }
      grant = result.current;
    }
    throw new UnavailableError("store_conflict");
  };
}

/** @throws UnauthorizedError `erased_user` or `signed_out`, UnavailableError, InternalError */
export function createDisconnect(dependencies: DisconnectDependencies) {
  const { grants, clock } = dependencies;

  return async function disconnectUser(request: DisconnectRequest): Promise<void> {
    const { sub, evidence } = request;
    const mark = createMark(dependencies, sub);
    let grant = await grants.read(sub);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      if (evidence !== undefined) {
        assertCurrent(evidence, grant);
      }
      if (grant === undefined) {
        return;
      }
      const markedAt = await mark(grant);
      if (isWholeTombstone(grant) && endOf(grant, clock.now()) >= markedAt) {
        return;
      }
      const next = await nextStep(dependencies, request, { grant, markedAt });
      const result = await grants.write(next, grant.revision);
      grant = result.written ? result.grant : result.current;
    }
    throw new UnavailableError("store_conflict");
  };
}

/** Once for each grant that is met; also for a tombstone, which may be from a time when there was no mark. */
function createMark({ ended, clock }: DisconnectDependencies, sub: string) {
  let marked: { readonly grantId: string; readonly at: EpochMs } | undefined;
  return async (grant: Grant): Promise<EpochMs> => {
    if (marked?.grantId !== grant.grantId) {
      const at = endOf(grant, clock.now());
      await ended.raise(sub, at);
      marked = { grantId: grant.grantId, at };
    }
    return marked.at;
  };
}

function isWholeTombstone({ status, unreadable }: Grant): boolean {
  return status === "disconnected" && unreadable === undefined;
}

async function nextStep(
  { revocation, clock }: DisconnectDependencies,
  { by, log }: DisconnectRequest,
  { grant, markedAt }: { readonly grant: Grant; readonly markedAt: EpochMs },
): Promise<Grant> {
  if (isWholeTombstone(grant)) {
    // By another call, by a moment: a sign-in takes its time from the tombstone, and is to be younger than our mark as well.
    return { ...grant, since: markedAt };
  }
  if (revocation !== undefined && grant.status !== "disconnecting") {
    return beginDisconnect(grant, { at: clock.now(), by });
  }
  await revoke(revocation, grant, log);
  const endingSince = grant.status === "disconnecting" ? grant.since : 0;
  return disconnect(grant, { at: Math.max(clock.now(), endingSince), by });
}
