/**
 * Keys of items that are about no user but about all, in the table of grants. A `sub` is ASCII
 * (OpenID Connect Core 2), so none can be one of these; role policies tell them apart by their
 * first character (lib/api-function.ts).
 */

/** U+00A7. */
export const CONTROL_PREFIX = "\u00a7";
/**
 * The switch that freezes all access tokens, and when the table came back from a backup: the
 * operator's alone.
 */
export const SWITCH_KEY = `${CONTROL_PREFIX}issuance`;
/** Where the sweeper stopped. */
export const POSITIONS_KEY = `${CONTROL_PREFIX}sweep`;

const ENDED_PREFIX = `${CONTROL_PREFIX}ended#`;
/** All of {@link endedKey}, as role policies write it. */
export const ENDED_KEYS = `${ENDED_PREFIX}*`;

/** The unfinished move of which `sub` is a part: the operator's alone (move-journal.ts). */
export function moveKey(sub: string): string {
  return `${CONTROL_PREFIX}move#${sub}`;
}

/**
 * Before which grants of `sub` have ended for good: outside of the item that somebody may put back.
 */
export function endedKey(sub: string): string {
  return ENDED_PREFIX + sub;
}
