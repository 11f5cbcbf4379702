/** The kill switch for one user: no access token leaves until it is undone, whoever asks and whatever is signed in or stored meanwhile. */
import { UnavailableError } from "../errors";
import type { Grant } from "../model";
import type { Clock, Random } from "../ports/runtime";
import type { GrantStore } from "../ports/stores";
import { freeze, unfreeze } from "./grant-end";
import { newGrantId } from "./grant-id";

export interface FreezeDependencies {
  readonly grants: GrantStore;
  readonly clock: Clock;
  readonly random: Random;
}

export interface FreezeRequest {
  readonly sub: string;
  readonly by: string;
}

const MAX_CONFLICTS = 8;

/** Also a user who has no grant yet: one that comes later is frozen from the start. */
export function createFreeze({ grants, clock, random }: FreezeDependencies) {
  return async ({ sub, by }: FreezeRequest): Promise<Grant> =>
    await change(grants, sub, (grant) => {
      const at = clock.now();
      return grant?.frozenAt === undefined
        ? freeze(grant, { sub, grantId: newGrantId(random, at) }, { at, by })
        : undefined;
    });
}

export function createUnfreeze({ grants, clock }: FreezeDependencies) {
  return async ({ sub, by }: FreezeRequest): Promise<Grant | undefined> =>
    await change(grants, sub, (grant) =>
      grant?.frozenAt === undefined ? undefined : unfreeze(grant, { at: clock.now(), by }),
    );
}

/** `next` undefined: it is so already. */
async function change<G extends Grant | undefined>(
  grants: GrantStore,
  sub: string,
  next: (grant: Grant | undefined) => Grant | undefined,
): Promise<G> {
  let grant = await grants.read(sub);
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    const changed = next(grant);
    if (changed === undefined) {
      return grant as G;
    }
    const result = await grants.write(changed, changed.revision);
    if (result.written) {
      return result.grant as G;
    }
    grant = result.current;
  }
  throw new UnavailableError("store_conflict");
}
