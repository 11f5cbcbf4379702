/** Times as people can read them in a table: RFC 3339, both ways. */
import * as v from "valibot";
import type { EpochMs } from "../model";

export const itemTime = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform((text): EpochMs => Date.parse(text)),
  // Of the right form, and no time: an offset of 99 hours.
  v.finite(),
);

export function toItemTime(time: EpochMs): string {
  return new Date(time).toISOString();
}
