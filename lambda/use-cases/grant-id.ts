/**
 * When a grant was made is part of its `grantId`: `<13 digits of epoch milliseconds>.<random id>`. Every ciphertext of the
 * grant is bound to that (lambda/kms/binding.ts), so nobody can make an old grant look younger than it is.
 *
 * A `grantId` of an earlier version, or of a row that only says who signed out, is a random id alone. It says no time, and counts as older than any end.
 */
import type { EpochMs, Erasure, Grant } from "../model";
import type { Logger, Random } from "../ports/runtime";

const DIGITS = 13;
const TIMED = /^(\d{13})\./;

/** A pure function of its arguments but for `random`. Fits an SQS `MessageGroupId` (at most 128 characters). */
export function newGrantId(random: Pick<Random, "id">, at: EpochMs): string {
  return `${String(at).padStart(DIGITS, "0")}.${random.id()}`;
}

/** 0 where the `grantId` does not say. */
export function madeAt({ grantId }: Pick<Grant, "grantId">): EpochMs {
  return Number(TIMED.exec(grantId)?.[1] ?? 0);
}

/** Whether a grant that looks usable is one that had ended: its item was put back, or its end broke off. */
export function isEnded(grant: Pick<Grant, "grantId">, endedAt: EpochMs | undefined): boolean {
  return endedAt !== undefined && madeAt(grant) <= endedAt;
}

/** The mark that ends `grant` now. A tombstone ended when it says, whatever the time is. */
export function endOf(grant: Grant, now: EpochMs): EpochMs {
  return Math.max(isOver(grant) ? grant.since : now, madeAt(grant));
}

/** What stood there ended then, at the latest: a new grant is to be younger, also where clocks differ. 0: nothing ended. */
export function endBefore(previous: Grant | undefined, erasure: Erasure | undefined): EpochMs {
  const end = previous !== undefined && isOver(previous) ? endOf(previous, 0) : 0;
  return Math.max(end, previous?.erasure?.at ?? 0, erasure?.at ?? 0);
}

/** Longer than any function lives: what ended a shorter while ago may still be at it. */
const UNDER_WAY_MS = 60_000;

/** For the operator: an item came back from somewhere, or what ended it broke off. */
export function reportPutBack(log: Logger, now: EpochMs, endedAt: EpochMs | undefined): void {
  if (endedAt !== undefined && now - endedAt < UNDER_WAY_MS) {
    log.warn("grant_put_back", { outcome: "under_way" });
  } else {
    log.error("grant_put_back");
  }
}

/** It has ended, or is about to. */
export function isOver({ status }: Pick<Grant, "status">): boolean {
  return status === "disconnecting" || status === "disconnected";
}
