/**
 * Forgetting the refresh token for good. The tombstone is what revokes: an exchange in flight finds its lease gone (S30).
 * With a provider that has a revocation endpoint the token is also revoked there, between two writes: the first makes the grant
 * unusable, the second deletes the ciphertext. A crash between them is finished by repeating the call, which is harmless.
 */
import { UnavailableError } from "../errors";
import type { Evidence } from "../model";
import type { Clock, GrantStore } from "../ports";
import { beginDisconnect, disconnect } from "./grant-end";
import type { Call } from "./conclude";
import { assertNotErased } from "./refresh-token";
import { revoke, type RevokeDependencies } from "./revoke";

export interface DisconnectDependencies {
  readonly grants: GrantStore;
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
  const { grants, clock, revocation } = dependencies;

  return async ({ sub, by, log }: Omit<Call, "deadline">): Promise<void> => {
    let grant = await grants.read(sub);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      if (grant?.status !== "disconnecting" || grant.reason === "erased") {
        return;
      }
      await revoke(revocation, grant, log);
      const result = await grants.write(disconnect(grant, { at: clock.now(), by }), grant.revision);
      if (result.written) {
        return;
      }
      grant = result.current;
    }
    throw new UnavailableError("store_conflict");
  };
}

/** @throws UnauthorizedError `erased_user`, UnavailableError, InternalError */
export function createDisconnect(dependencies: DisconnectDependencies) {
  const { grants, clock, revocation } = dependencies;

  return async function disconnectUser(request: DisconnectRequest): Promise<void> {
    const { evidence, by, log } = request;
    let grant = await grants.read(request.sub);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      if (evidence !== undefined) {
        assertNotErased(grant, evidence);
      }
      const isOver = grant?.status === "disconnected" && grant.unreadable === undefined;
      if (grant === undefined || isOver) {
        return;
      }
      const isFirstStep = revocation !== undefined && grant.status !== "disconnecting";
      const stamp = { at: clock.now(), by };
      if (!isFirstStep) {
        await revoke(revocation, grant, log);
      }
      const next = isFirstStep ? beginDisconnect(grant, stamp) : disconnect(grant, stamp);
      const result = await grants.write(next, grant.revision);
      grant = result.written ? result.grant : result.current;
    }
    throw new UnavailableError("store_conflict");
  };
}
