/** How a grant changes on its way back from a holder that died; pure functions as in grant.ts. */
import type { Grant, Sealed } from "../model";
import { leaveInInbox, newestRefreshToken, withoutLease } from "./grant";
import { isOver } from "./grant-id";
import { appended, type Stamp } from "./history";

/** Nothing was spent: the row is again as it was before the intent, and so is whatever doubt a dead holder had left. */
export function giveBackLease(grant: Grant, before: Grant): Grant {
  return { ...grant, lease: before.lease };
}

export interface Successor {
  /** Of the lease under which it was obtained. */
  readonly owner: string;
  readonly grantId: string;
  readonly refreshToken: Sealed;
}

export type Placement =
  | { readonly kind: "placed"; readonly grant: Grant }
  /** The row has it, or something newer. */
  | { readonly kind: "superseded" }
  /** It belongs to no grant that could use it. */
  | { readonly kind: "orphaned" };

/** Where a spilled successor goes. It is no older than what is there by its `gen` alone, whenever it comes. */
export function placeSuccessor(
  grant: Grant | undefined,
  successor: Successor,
  stamp: Stamp,
): Placement {
  const { owner, grantId, refreshToken } = successor;
  if (grant?.grantId !== grantId || isOver(grant)) {
    return { kind: "orphaned" };
  }
  if ((newestRefreshToken(grant)?.gen ?? 0) >= refreshToken.gen) {
    return { kind: "superseded" };
  }
  if (grant.status === "needs_sign_in") {
    return grant.reason === "foreign_subject"
      ? { kind: "superseded" }
      : { kind: "placed", grant: revive(grant, successor, stamp) };
  }
  return {
    kind: "placed",
    grant:
      grant.lease?.owner === owner
        ? commitSpilled(grant, refreshToken, stamp)
        : leaveInInbox(grant, refreshToken),
  };
}

/** Step 6, for a holder that could not write it itself. */
function commitSpilled(grant: Grant, refreshToken: Sealed, stamp: Stamp): Grant {
  return {
    ...withoutLease(grant),
    refreshToken,
    cooldown: undefined,
    lastExchangeAt: stamp.at,
    history: appended(grant, "exchanged", stamp),
  };
}

/**
 * What was refused was an older token, so the word of the provider is not about this one (S48). The lapsed lease says that it is in doubt: a strict
 * provider may have revoked the family over the old one. Nothing is awaited any more, so it goes where anybody may take it from.
 */
function revive(grant: Grant, { owner, refreshToken }: Successor, stamp: Stamp): Grant {
  return {
    ...leaveInInbox(grant, refreshToken),
    status: "active",
    since: stamp.at,
    reason: undefined,
    lease: { owner, expiresAt: stamp.at, takenOver: true },
    cooldown: undefined,
    history: appended(grant, "exchanged", stamp),
  };
}
