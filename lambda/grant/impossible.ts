/**
 * What no transition of transitions.ts makes of a row, told from the two rows alone: the check of
 * each write in production (lambda/refresh/watch.ts, decision 0046). The explorer holds every write
 * of every schedule to it, so what it names is a fault, or a hand in the table.
 */
import type { EpochMs } from "../model";
import { type Grant, isOver, newestRefreshToken } from "./grant";
import { isLeased } from "./phase";

export type Impossible =
  /** An older refresh token, or none, in the place of a newer one (I3). */
  | "token_lost"
  /** What had ended, or was refused, is usable without a newer refresh token. */
  | "revived"
  /** Two holders at once (I10). */
  | "lease_taken"
  /** A lease was taken over, and nothing says so: a refusal would count as definitive. */
  | "doubt_lost"
  /** Another grant came, and not by a sign-in (I7). */
  | "grant_replaced"
  | "freeze_lost"
  /** An erasure or a sign-out everywhere is not as late as it was. */
  | "cutoff_lost";

/** @param at before the write; what has run out by then has run out */
export function impossibleIn(
  before: Grant | undefined,
  next: Grant,
  at: EpochMs,
): Impossible | undefined {
  if (before === undefined) {
    return undefined;
  }
  if (before.frozenAt !== undefined && next.frozenAt === undefined && !isThaw(next)) {
    return "freeze_lost";
  }
  if (isEarlier(before.erasure, next.erasure) || isEarlier(before.signedOut, next.signedOut)) {
    return "cutoff_lost";
  }
  return before.grantId === next.grantId
    ? impossibleWithin(before, next, at)
    : impossibleSignIn(next);
}

function impossibleSignIn(next: Grant): Impossible | undefined {
  return next.status === "active" && next.lease === undefined ? undefined : "grant_replaced";
}

/** Within one grant. */
function impossibleWithin(before: Grant, next: Grant, at: EpochMs): Impossible | undefined {
  const [old, young] = [genOf(before), genOf(next)];
  if (next.status !== "disconnected" && young < old) {
    return "token_lost";
  }
  if (isOver(before) && !isOver(next)) {
    return "revived";
  }
  if (before.status === "needs_sign_in" && next.status === "active" && young === old) {
    return "revived";
  }
  // A lease that has lapsed may come back with the doubt that it stands for (`giveBackLease`).
  const taken = isLeased(next, at) && next.lease.owner !== before.lease?.owner ? next.lease : null;
  if (taken === null || before.lease === undefined) {
    return undefined;
  }
  if (isLeased(before, at)) {
    return "lease_taken";
  }
  return taken.takenOver ? undefined : "doubt_lost";
}

/** 0 where there is no refresh token. */
function genOf(grant: Grant): number {
  return newestRefreshToken(grant)?.gen ?? 0;
}

function isThaw({ history }: Grant): boolean {
  return history.at(-1)?.outcome === "unfrozen";
}

function isEarlier(
  before: { readonly at: EpochMs } | undefined,
  next: { readonly at: EpochMs } | undefined,
): boolean {
  return (next?.at ?? 0) < (before?.at ?? 0);
}
