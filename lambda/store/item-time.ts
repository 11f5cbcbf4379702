/** Times in items: RFC 3339, readable in the AWS console. */
import * as v from "valibot";
import type { EpochMs } from "../model";

export const itemTime = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform((text): EpochMs => Date.parse(text)),
  // The right form can still be no time, e.g. with an offset of 99 hours.
  v.finite(),
);

export function toItemTime(time: EpochMs): string {
  return new Date(time).toISOString();
}
