/**
 * Ends a grant for good. First, a mark outside the grant's item records when it ended, so that
 * restoring an older item cannot undo the end. Then a tombstone replaces the grant: a refresh in
 * flight finds its lease gone (S30). Where the provider has a revocation endpoint, the token is
 * also revoked there, between two writes: the first makes the grant unusable, the second deletes
 * the ciphertext. After a crash at any point the same call finishes the work; repeating it is
 * harmless.
 */
import { assertCurrent } from "../cutoff";
import type { DisconnectedGrant, Grant } from "../grant/grant";
import { endOf } from "../grant/grant-id";
import { beginDisconnect, disconnect } from "../grant/transitions";
import type { EpochMs, Evidence } from "../model";
import type { Clock } from "../ports/runtime";
import type { EndedMarks, GrantStore } from "../ports/stores";
import { revoke, type RevokeDependencies } from "../refresh/revoke";
import type { Call } from "../refresh/types";
import { updateGrant } from "../refresh/update-grant";

export interface DisconnectDependencies {
  readonly grants: GrantStore;
  readonly ended: Pick<EndedMarks, "raise">;
  /** Absent where the provider has no revocation endpoint. */
  readonly revocation: RevokeDependencies | undefined;
  readonly clock: Clock;
}

export interface DisconnectRequest extends Call {
  /** Absent where the operator disconnects the user. */
  readonly evidence?: Evidence;
}

/**
 * For the sweeper. Finishes only a disconnect that has begun, and never ends a grant that was
 * stored since.
 * @throws UnavailableError, InternalError
 */
export function createFinishDisconnect(dependencies: DisconnectDependencies) {
  const { grants, ended, clock, revocation } = dependencies;

  return async ({ sub, by, log }: Omit<Call, "deadline">): Promise<void> => {
    await updateGrant(grants, sub, async (grant) => {
      if (grant?.status !== "disconnecting" || grant.reason === "erased") {
        return grant;
      }
      await ended.raise(sub, endOf(grant, clock.now()));
      await revoke(revocation, grant, log);
      return disconnect(grant, { at: Math.max(clock.now(), grant.since), by });
    });
  };
}

/** @throws UnauthorizedError `erased_user` or `signed_out`, UnavailableError, InternalError */
export function createDisconnect(dependencies: DisconnectDependencies) {
  const { grants, clock } = dependencies;

  return async function disconnectUser(request: DisconnectRequest): Promise<void> {
    const { sub, evidence } = request;
    const mark = createMark(dependencies, sub);
    await updateGrant(grants, sub, async (grant) => {
      if (evidence !== undefined) {
        assertCurrent(evidence, grant);
      }
      if (grant === undefined) {
        return grant;
      }
      const markedAt = await mark(grant);
      return isWholeTombstone(grant) && endOf(grant, clock.now()) >= markedAt
        ? grant
        : await nextStep(dependencies, request, { grant, markedAt });
    });
  };
}

/**
 * Raises the mark once for each grant, also for a tombstone: an earlier version may have written it
 * without a mark.
 */
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

function isWholeTombstone(grant: Grant): grant is DisconnectedGrant {
  return grant.status === "disconnected" && grant.unreadable === undefined;
}

async function nextStep(
  { revocation, clock }: DisconnectDependencies,
  { by, log }: DisconnectRequest,
  { grant, markedAt }: { readonly grant: Grant; readonly markedAt: EpochMs },
): Promise<Grant> {
  if (isWholeTombstone(grant)) {
    // Another call wrote this tombstone a moment ago. A sign-in takes the time of the end from the
    // tombstone, and has to be younger than this call's mark as well.
    return { ...grant, since: markedAt };
  }
  if (revocation !== undefined && grant.status !== "disconnecting") {
    return beginDisconnect(grant, clock.now());
  }
  await revoke(revocation, grant, log);
  const endingSince = grant.status === "disconnecting" ? grant.since : 0;
  return disconnect(grant, { at: Math.max(clock.now(), endingSince), by });
}
