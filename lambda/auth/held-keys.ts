/**
 * The key sets that are held, and which of their keys a token asks for. Pure.
 *
 * A new answer takes the place of the one before it if they share a key. One that shares none would
 * take everybody's key away: its keys are used at once (a provider may have changed them all, S09),
 * and those before it stay usable until the provider says the same again, at least
 * `CONFIRM_AFTER_MS` later. So there are at most two sets, newest first.
 */
import { UnauthorizedError } from "../errors";
import type { EpochMs } from "../model";
import { type Alg, identityOf, isKeyFor, type UsableJwk } from "./jwk";

interface HeldKeySet {
  readonly keys: readonly UsableJwk[];
  /** When the answer was asked for. */
  readonly askedAt: EpochMs;
  /** When an answer was first asked for that shares a key with this one. */
  readonly since: EpochMs;
}

/** Newest first; with two of them the newer one is not yet believed alone. */
export type HeldKeySets = readonly HeldKeySet[];

/**
 * As long as a cooldown: a reload that a doubt needs comes no sooner than one for an unknown key.
 */
export const CONFIRM_AFTER_MS = 30_000;

/** `keys`: one at least. */
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
 * The key that a token asks for: one; or two while one of the held sets is in doubt; or none where
 * they are to be looked for.
 * @throws UnauthorizedError where keys have this `kid` and none, or more than one, fits `alg`
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
  return [...new Map(keys.map((key) => [identityOf(key), key])).values()];
}

/**
 * Whether a `kid` is of the form that the provider's have. Anybody can copy the form, so it decides
 * about nothing but who may take the reload that is in reserve: what was made up carelessly may
 * not.
 */
export function isFamiliar(held: HeldKeySets, kid: string | undefined): boolean {
  const kids = held.flatMap(({ keys }) => keys.flatMap((key) => key.kid ?? []));
  return kid !== undefined && kids.some((each) => formOf(each) === formOf(kid));
}

function formOf(kid: string): string {
  const has = [/[0-9]/, /[a-z]/, /[A-Z]/, /[^0-9A-Za-z_-]/].map((some) => some.test(kid));
  return [kid.length, ...has].join();
}
