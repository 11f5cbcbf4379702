/**
 * When a grant was made is part of its `grantId`: `<13 digits of epoch milliseconds>.<random id>`.
 * Every ciphertext of the grant is bound to it (lambda/kms/binding.ts), so an old grant cannot be
 * made to look younger than it is.
 *
 * A `grantId` of an earlier version, or of a row that only says who signed out, is a random id
 * alone. It says no time, and counts as older than any end.
 */
import type { EpochMs, Erasure } from "../model";
import { type Grant, isOver } from "./grant";

const DIGITS = 13;
const TIMED = /^(\d{13})\./;

/**
 * A pure function of its arguments but for `random`. Fits an SQS `MessageGroupId` (at most 128
 * characters).
 */
export function newGrantId(random: { id(): string }, at: EpochMs): string {
  return `${String(at).padStart(DIGITS, "0")}.${random.id()}`;
}

/** 0 where the `grantId` does not say. */
export function madeAt({ grantId }: Pick<Grant, "grantId">): EpochMs {
  return Number(TIMED.exec(grantId)?.[1] ?? 0);
}

/** A grant that looks usable had ended: its item was put back, or its end broke off. */
export function isEnded(grant: Pick<Grant, "grantId">, endedAt: EpochMs | undefined): boolean {
  return madeAt(grant) <= (endedAt ?? -Infinity);
}

/**
 * The mark that ends `grant` now. For a tombstone it is the end that the tombstone records, not
 * `now`.
 */
export function endOf(grant: Grant, now: EpochMs): EpochMs {
  return Math.max(isOver(grant) ? grant.since : now, madeAt(grant));
}

/**
 * When what stood there ended, at the latest: a new grant has to be younger, also where clocks
 * differ. 0: nothing ended.
 */
export function endBefore(previous: Grant | undefined, erasure: Erasure | undefined): EpochMs {
  const end = previous !== undefined && isOver(previous) ? endOf(previous, 0) : 0;
  return Math.max(end, previous?.erasure?.at ?? 0, erasure?.at ?? 0);
}
