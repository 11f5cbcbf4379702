/** Which items this code may read and write at all (S58). */
import { UnavailableError } from "../errors";

export const SCHEMA_VERSION = 1;

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
