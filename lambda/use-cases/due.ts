/** When somebody has to come back for a grant although nobody asks for it. */
import type { EpochMs, Grant } from "../model";
import type { IdpProfile } from "../ports/profile";

/** Undefined: nothing is due for this grant. Also what lambda/store/ writes into the index. */
export type DueAt = (grant: Grant) => EpochMs | undefined;

/** Undefined where nothing is ever due: the provider neither rotates nor lets a refresh token lapse that nobody used. */
export function createDueAt({ refreshToken }: Pick<IdpProfile, "refreshToken">): DueAt | undefined {
  const { rotation, idleSeconds } = refreshToken;
  if (rotation === "none" && idleSeconds === undefined) {
    return undefined;
  }
  return ({ status, lease, cooldown, lastExchangeAt, since }) => {
    if (status !== "active") {
      return undefined;
    }
    const cooledAt = cooldown?.until ?? 0;
    if (lease !== undefined) {
      return Math.max(lease.expiresAt, cooledAt);
    }
    // Half of the time is left for trying again.
    const usedAt = Math.max(lastExchangeAt ?? 0, since);
    return idleSeconds === undefined
      ? undefined
      : Math.max(usedAt + (idleSeconds * 1000) / 2, cooledAt);
  };
}
