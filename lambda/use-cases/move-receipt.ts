/**
 * What a move has done: the same for whoever asks again, as long as nothing else has happened. No
 * claim, no value, no token.
 */
import { UnavailableError } from "../errors";
import type { EpochMs, MovedToken } from "../model";
import type { UserMover } from "../ports/move";
import type { Pair } from "./move-plan";

export interface MoveReceipt extends Pair {
  readonly movedAt: EpochMs;
  /**
   * `dropped`: what was there was erased under the new subject, while the move was under way or
   * since.
   */
  readonly user: "created" | "merged" | "none" | "dropped";
  readonly refreshToken: MovedToken;
  /** By the call that came to the end. */
  readonly sessionsEnded: number;
  /** Names of attributes that the record has from the old subject. */
  readonly kept: readonly string[];
  /** Names of those of which the new subject had another value, which stayed. */
  readonly dropped: readonly string[];
}

/**
 * Of one that was carried through. @throws UnavailableError where the user has come back under the
 * old subject since
 */
export async function receiptOf(
  { users }: { readonly users: UserMover },
  { from, to }: Pair,
): Promise<MoveReceipt> {
  const [{ movedTo, erasure }, { movedFrom }] = await Promise.all([
    users.find(from),
    users.find(to),
  ]);
  if (erasure === undefined || movedTo?.sub !== to) {
    throw new UnavailableError("store_conflict");
  }
  const into = movedFrom?.id === movedTo.id ? movedFrom : undefined;
  const told = into === undefined ? "dropped" : into.isNew ? "created" : "merged";
  return {
    from,
    to,
    movedAt: erasure.at,
    user: movedTo.hadRecord ? told : "none",
    refreshToken: movedTo.refreshToken,
    sessionsEnded: movedTo.sessionsEnded,
    kept: into?.kept ?? [],
    dropped: into?.dropped ?? [],
  };
}
