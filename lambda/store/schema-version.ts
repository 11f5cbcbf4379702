/** Which items this code may read and write at all (S58). */
import { UnavailableError } from "../errors";

export const SCHEMA_VERSION = 1;

/**
 * Of an item that a move is working at (grant-mover.ts, user-mover.ts). No version of this code is or will be as late, so
 * each of them leaves such an item alone, and answers that it is unavailable.
 */
export const MOVING_VERSION = 1_000_000_000;

export function isMoving({ schemaVersion }: Readonly<Record<string, unknown>>): boolean {
  return schemaVersion === MOVING_VERSION;
}

/**
 * Whether the item says that it is of this version. One that says nothing or nonsense is damaged; one of a later version is whole, and not ours.
 * @throws UnavailableError `unknown_schema_version`: never guessed at, never overwritten
 */
export function isOfThisVersion({ schemaVersion }: Readonly<Record<string, unknown>>): boolean {
  if (
    typeof schemaVersion === "number" &&
    Number.isInteger(schemaVersion) &&
    schemaVersion > SCHEMA_VERSION
  ) {
    throw new UnavailableError("unknown_schema_version");
  }
  return schemaVersion === SCHEMA_VERSION;
}
