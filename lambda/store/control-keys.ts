/**
 * Keys of the items in the table of grants that belong to no user. A `sub` is ASCII (OpenID Connect
 * Core 2) and these keys begin with a section sign, so no user can have one, and role policies can
 * tell them apart by their first character (lib/item-conditions.ts).
 */

/** U+00A7. */
export const CONTROL_PREFIX = "\u00a7";
/**
 * The switch that freezes the access tokens of all users; also when the table was restored from a
 * backup. Only the operator writes it.
 */
export const SWITCH_KEY = `${CONTROL_PREFIX}issuance`;
/** Where the sweep stopped in each of its lists. */
export const POSITIONS_KEY = `${CONTROL_PREFIX}sweep`;

const ENDED_PREFIX = `${CONTROL_PREFIX}ended#`;
/** A pattern for every {@link endedKey}, for role policies. */
export const ENDED_KEYS = `${ENDED_PREFIX}*`;

/** The unfinished move that `sub` takes part in. Only the operator writes it (move-journal.ts). */
export function moveKey(sub: string): string {
  return `${CONTROL_PREFIX}move#${sub}`;
}

/**
 * When grants of `sub` last ended for good. Not in the grant's own item, which may be restored from
 * a backup.
 */
export function endedKey(sub: string): string {
  return ENDED_PREFIX + sub;
}
