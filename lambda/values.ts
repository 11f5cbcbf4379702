/** The plainest nouns: times, and what JSON can say. Imports nothing. */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue };

/** Claims that the profile allows to be kept, already checked for type and size. */
export type Claims = Readonly<Record<string, JsonValue>>;
