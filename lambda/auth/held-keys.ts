/**
 * The key sets that are held, and which of their keys a token asks for. Pure.
 *
 * A new key set replaces the one before it if they share a key. A key set that shares none would
 * make every user's key unknown: its keys are used at once (a provider may have changed them all,
 * S09), and those before it stay usable until the provider says the same again, at least
 * `CONFIRM_AFTER_MS` later. So there are at most two sets, newest first.
 */
import { UnauthorizedError } from "../errors";
import type { EpochMs } from "../model";
import { type Alg, identityOf, isKeyFor, type UsableJwk } from "./jwk";

interface HeldKeySet {
  readonly keys: readonly UsableJwk[];
  /** When this key set was requested. */
  readonly askedAt: EpochMs;
  /** When a key set that shares a key with this one was first requested. */
  readonly since: EpochMs;
}

/** Newest first. While there are two, the newer one is not confirmed. */
export type HeldKeySets = readonly HeldKeySet[];

/**
 * As long as a cooldown, so that a reload to confirm a key set comes no sooner than one for an
 * unknown key.
 */
export const CONFIRM_AFTER_MS = 30_000;

/**
 * Holds a new answer of the provider.
 * @param keys at least one
 */
export function withAnswer(
  held: HeldKeySets,
  keys: readonly UsableJwk[],
  askedAt: EpochMs,
): HeldKeySets {
  const fresh = { keys, askedAt, since: askedAt };
  const newest = held.at(0) ?? fresh;
  const settled = held.at(-1) ?? fresh;
  if (sharesKey(settled, fresh)) {
    return [fresh];
  }
  const next = sharesKey(newest, fresh) ? { ...fresh, since: newest.since } : fresh;
  return askedAt - next.since >= CONFIRM_AFTER_MS ? [next] : [next, settled];
}

function sharesKey(a: HeldKeySet, b: HeldKeySet): boolean {
  const known = new Set(a.keys.map(identityOf));
  return b.keys.some((key) => known.has(identityOf(key)));
}

/**
 * The keys that a token asks for: one; two while a held set is not confirmed; none where the key
 * set has to be loaded again.
 * @throws UnauthorizedError where keys have this `kid` and none (`disallowed_algorithm`), or more
 * than one (`ambiguous_key`), fits `alg`
 */
export function keysAsked(
  held: HeldKeySets,
  { kid, alg }: { readonly kid: string | undefined; readonly alg: Alg },
): readonly UsableJwk[] {
  const named = held.map(({ keys }) => keys.filter((key) => kid === undefined || key.kid === kid));
  const fitting = named.map((keys) => distinct(keys.filter((key) => isKeyFor(alg, key))));
  const found = fitting.flatMap((keys) => (keys.length === 1 ? keys : []));
  if (found.length > 0) {
    return found;
  }
  if (fitting.flat().length > 0) {
    throw new UnauthorizedError("ambiguous_key");
  }
  if (named.some((keys) => keys.length > 0)) {
    throw new UnauthorizedError("disallowed_algorithm");
  }
  return [];
}

/** The same key under two algorithms is one key. */
function distinct(keys: readonly UsableJwk[]): readonly UsableJwk[] {
  return keys.length === 1
    ? keys
    : [...new Map(keys.map((key) => [identityOf(key), key])).values()];
}

/**
 * Whether a `kid` has the form of the provider's own. An attacker can copy the form, so it decides
 * only which token may use the reload in reserve: a carelessly forged one may not.
 */
export function isFamiliar(held: HeldKeySets, kid: string | undefined): boolean {
  const kids = held.flatMap(({ keys }) => keys.map((key) => key.kid));
  return kid !== undefined && kids.some((each) => each !== undefined && hasSameForm(each, kid));
}

function hasSameForm(a: string, b: string): boolean {
  return formOf(a) === formOf(b);
}

function formOf(kid: string): string {
  const has = [/[0-9]/, /[a-z]/, /[A-Z]/, /[^0-9A-Za-z_-]/].map((some) => some.test(kid));
  return [kid.length, ...has].join();
}
