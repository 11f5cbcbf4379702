/**
 * Scopes as names. Pure. What a provider says of them is never a reason to refuse an answer: a
 * refresh token must not be lost over it.
 */

/** One name (RFC 6749 section 3.3). */
export const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

export const MAX_SCOPES = 100;
/** Characters, of all names with a space between them. */
export const MAX_SCOPES_LENGTH = 2_048;

/** In the provider's order, each once, within the bounds above; never empty. */
export type Scopes = readonly string[];

/** Separated by spaces (RFC 6749 section 3.3), or a list, as some providers write it. */
export function scopeText(value: unknown): string | undefined {
  const names = Array.isArray(value) && value.every((one) => typeof one === "string") && value;
  const text: unknown = names ? names.join(" ") : value;
  return typeof text === "string" ? text : undefined;
}

/**
 * The names in a value of a provider. What is no name is left out: nobody can ask for it. Undefined
 * where nothing is left, or more than is kept: a part of a list would say that the rest is missing.
 */
export function scopesIn(value: unknown): Scopes | undefined {
  const words = (scopeText(value) ?? "").split(" ");
  const names = [...new Set(words)].filter((word) => SCOPE.test(word));
  const isKept = names.length <= MAX_SCOPES && names.join(" ").length <= MAX_SCOPES_LENGTH;
  return names.length > 0 && isKept ? names : undefined;
}

/** Those of `wanted` that are not among `names`. */
export function without(wanted: Scopes, names: Scopes): Scopes {
  return wanted.filter((name) => !names.includes(name));
}
