/** Which items this code may read and write at all (S58). */
import * as v from "valibot";
import { UnavailableError } from "../errors";

export const SCHEMA_VERSION = 1;

/**
 * Of an item that a move is working at (grant-mover.ts, user-mover.ts). No version of this code is
 * or will be as late, so each of them leaves such an item alone, and answers that it is
 * unavailable.
 */
export const MOVING_VERSION = 1_000_000_000;

/** Of an item that is there for the lock alone; means nothing where it is not locked. */
export const MOVING_NOBODY = "movingNobody";

export function isMoving({ schemaVersion }: Readonly<Record<string, unknown>>): boolean {
  return schemaVersion === MOVING_VERSION;
}

/**
 * Whether the item says that it is of this version. One that says nothing or nonsense is damaged;
 * one of a later version is whole, and not ours.
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

/**
 * @throws UnavailableError `unknown_schema_version`: what cannot be read is not taken for absent
 */
export function readWhole<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (!result.success) {
    throw new UnavailableError("unknown_schema_version");
  }
  return result.output;
}

/** Each attribute by itself, so that one that is damaged says nothing about the others. */
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
