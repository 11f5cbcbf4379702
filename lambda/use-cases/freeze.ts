/**
 * The operator's switch for one user: no access token leaves until it is undone, for any caller,
 * and for any grant that is stored meanwhile.
 */
import type { Actor, Grant } from "../grant/grant";
import { newGrantId } from "../grant/grant-id";
import { freeze, unfreeze } from "../grant/transitions";
import type { Clock, GrantStore, Random } from "../ports";
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

/** Also a user who has no grant yet: one that comes later is frozen from the start. */
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

export function createUnfreeze({ grants, clock }: FreezeDependencies) {
  return async ({ sub, by }: FreezeRequest): Promise<Grant | undefined> =>
    await updateGrant(grants, sub, (grant) =>
      grant?.frozenAt === undefined ? grant : unfreeze(grant, { at: clock.now(), by }),
    );
}
