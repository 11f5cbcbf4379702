import type { EpochMs } from "../model";

/** RFC 3339 in UTC, e.g. `2026-01-01T00:00:00.000Z`. */
export function rfc3339(time: EpochMs): string {
  return new Date(time).toISOString();
}
