/**
 * The operator's freeze of one user: until it is undone, no caller gets an access token, not even
 * from a grant that is stored meanwhile.
 */
import type { Actor, Grant } from "../grant/grant";
import { newGrantId } from "../grant/grant-id";
import { freeze, unfreeze } from "../grant/transitions";
import type { Clock, Random } from "../ports/runtime";
import type { GrantStore } from "../ports/stores";
import { updateGrant } from "../refresh/update-grant";

export interface FreezeDependencies {
  readonly grants: GrantStore;
  readonly clock: Clock;
  readonly random: Random;
}

export interface FreezeRequest {
  readonly sub: string;
  readonly by: Actor;
}

/**
 * Also freezes a user who has no grant yet: a later grant is frozen from the start.
 * @throws UnavailableError, InternalError
 */
export function createFreeze({ grants, clock, random }: FreezeDependencies) {
  return async ({ sub, by }: FreezeRequest): Promise<Grant> =>
    await updateGrant(grants, sub, (grant) => {
      if (grant?.frozenAt !== undefined) {
        return grant;
      }
      const at = clock.now();
      return freeze(grant, { sub, grantId: newGrantId(random, at) }, { at, by });
    });
}

/**
 * Does nothing where the user is not frozen.
 * @throws UnavailableError, InternalError
 */
export function createUnfreeze({ grants, clock }: FreezeDependencies) {
  return async ({ sub, by }: FreezeRequest): Promise<Grant | undefined> =>
    await updateGrant(grants, sub, (grant) =>
      grant?.frozenAt === undefined ? grant : unfreeze(grant, { at: clock.now(), by }),
    );
}
