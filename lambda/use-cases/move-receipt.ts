/**
 * What a move has done. Every repeated call gets the same receipt, as long as nothing else has
 * happened. It has no claim, no value and no token.
 */
import { UnavailableError } from "../errors";
import type { EpochMs, MovedToken } from "../model";
import type { UserMover } from "../ports/move";
import type { Pair } from "./move-plan";

export interface MoveReceipt extends Pair {
  readonly movedAt: EpochMs;
  /**
   * `dropped`: the user was erased under the new subject, while the move was under way or since.
   */
  readonly user: "created" | "merged" | "none" | "dropped";
  readonly refreshToken: MovedToken;
  /** Sessions that the call which completed the move has ended. */
  readonly sessionsEnded: number;
  /** Names of the attributes that the record took from the old subject. */
  readonly kept: readonly string[];
  /** Names of the attributes for which the new subject kept another value. */
  readonly dropped: readonly string[];
}

/**
 * The receipt of a completed move.
 * @throws UnavailableError, also `store_conflict` where the user has come back under the old
 * subject since; InternalError
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
