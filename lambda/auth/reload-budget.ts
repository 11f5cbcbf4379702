/**
 * Limits how often tokens with unknown keys, which any caller can forge, may cause a fetch of the
 * key set (S06): once per cooldown, and during a cooldown once more per `RESERVE_MS` for a `kid` of
 * the provider's own form, if the token that began the cooldown had another form. So careless
 * forgeries delay no rotation, and careful ones none for longer than a cooldown. A reload that
 * finds its key costs nothing: the token was not forged.
 */
import type { EpochMs } from "../model";
import type { Clock } from "../ports/runtime";

export interface ReloadBudget {
  allows(isFamiliar: boolean): boolean;
  /** @returns a function that takes it back */
  spend(isFamiliar: boolean): () => void;
  /** When the next reload may begin, at the latest. */
  renewedAt(): EpochMs;
}

export const COOLDOWN_MS = 30_000;
export const RESERVE_MS = 10 * 60_000;

export function createReloadBudget(clock: Clock): ReloadBudget {
  let last = { at: -Infinity, isFamiliar: true };
  let reserveAt = -Infinity;

  const isCoolingDown = () => clock.now() - last.at < COOLDOWN_MS;
  const hasReserve = () => !last.isFamiliar && clock.now() - reserveAt >= RESERVE_MS;

  return {
    allows: (isFamiliar) => !isCoolingDown() || (isFamiliar && hasReserve()),
    spend: (isFamiliar) => {
      const before = { last, reserveAt };
      reserveAt = isCoolingDown() ? clock.now() : reserveAt;
      last = { at: clock.now(), isFamiliar };
      return () => {
        ({ last, reserveAt } = before);
      };
    },
    renewedAt: () => last.at + COOLDOWN_MS,
  };
}
