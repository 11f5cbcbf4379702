/** Which items this code may read and write at all (S58). */
import * as v from "valibot";
import { UnavailableError } from "../errors";

export const SCHEMA_VERSION = 1;

/**
 * `schemaVersion` of an item that a move has locked (grant-mover.ts, user-mover.ts). Every version
 * of this code is lower, so each leaves the item alone and answers that it is unavailable.
 */
export const MOVING_VERSION = 1_000_000_000;

/** Marks an item that exists only for the lock; without meaning once it is unlocked. */
export const MOVING_NOBODY = "movingNobody";

export function isMoving({ schemaVersion }: Readonly<Record<string, unknown>>): boolean {
  return schemaVersion === MOVING_VERSION;
}

/**
 * Whether the item is of this version. An item without a version or with a malformed one is
 * damaged; one of a later version is whole, and must be left alone.
 * @throws UnavailableError `unknown_schema_version`: a later version, never interpreted nor
 * overwritten
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

/**
 * @throws UnavailableError `unknown_schema_version`: an unreadable item does not count as absent
 */
export function readWhole<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (!result.success) {
    throw new UnavailableError("unknown_schema_version");
  }
  return result.output;
}

/** Parses each attribute by itself, so that a damaged one says nothing about the others. */
export function readEach(
  schemas: Readonly<Record<string, v.GenericSchema>>,
  item: Readonly<Record<string, unknown>>,
): {
  readonly readable: Readonly<Record<string, unknown>>;
  readonly unreadable: readonly string[];
} {
  const parts = Object.entries(schemas).map(([name, schema]) => {
    const { success, output } = v.safeParse(schema, item[name]);
    return { name, success, output };
  });
  const readable = parts.filter(({ success, output }) => success && output !== undefined);
  return {
    readable: Object.fromEntries(readable.map(({ name, output }) => [name, output])),
    unreadable: parts.filter(({ success }) => !success).map(({ name }) => name),
  };
}
