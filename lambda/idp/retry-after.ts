/** `Retry-After` (RFC 9110 section 10.2.3). */
import type { EpochMs } from "../model";

/** Seconds. A longer value is cut: a provider's mistake must not lock users out for a day. */
const MAX_SECONDS = 3_600;

/**
 * All date forms of RFC 9110 section 5.6.7 begin like this. `Date.parse` would take "-5" for a
 * month.
 */
const DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/** Seconds from `now`, 0 to 3,600; undefined where there is nothing that can be read. */
export function readRetryAfter(value: string | undefined, now: EpochMs): number | undefined {
  const seconds = readSeconds(value ?? "", now);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), MAX_SECONDS);
}

function readSeconds(value: string, now: EpochMs): number {
  if (/^\d+$/.test(value)) {
    return Number(value);
  }
  return DATE.test(value) ? (Date.parse(value) - now) / 1000 : Number.NaN;
}
