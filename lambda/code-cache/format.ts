/**
 * A bundle with V8's code cache beside it: what is in the folder of such a function. `index.js` is
 * the loader (entry.ts), and the bundle has another name.
 */
import { createHash } from "node:crypto";

export const BUNDLE = "bundle.js";
export const CACHE = "bundle.cache";
export const RECORD = "code-cache.json";

/** The text of `code-cache.json`. */
export interface CodeCacheRecord {
  /** Of the Node that made the cache. */
  readonly node: string;
  /** Of bundle and cache, as hexadecimal SHA-256. */
  readonly digest: string;
}

/**
 * What must be the same for a cache to be used. V8 compares its own version, its flags, and of the
 * source the length; not Node's patches of V8, nor how V8 was built.
 */
export function thisNode(): string {
  const { version, versions, platform, arch, config } = process;
  const built = Object.entries(config.variables).filter(([name]) => name.startsWith("v8_"));
  return JSON.stringify([version, versions.v8, platform, arch, built]);
}

/** V8 runs a damaged cache, or dies of it: no byte of it may be another one (decision 0056). */
export function digestOf(bundle: Uint8Array, cache: Uint8Array): string {
  return createHash("sha256").update(bundle).update(cache).digest("hex");
}

/** As Node wraps a CommonJS module, so that the cache is of the text that runs. */
export function wrapped(bundle: Buffer): string {
  return `(function (exports, require, module, __filename, __dirname) {${bundle.toString()}\n})`;
}
