/** Runs a bundle from its code cache, or without it: the same answers, later. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { constants, Script } from "node:vm";
import { BUNDLE, CACHE, type CodeCacheRecord, digestOf, RECORD, thisNode, wrapped } from "./format";

/**
 * Why a cache was not used. `unreadable`: it is not there, or something unforeseen. `rejected`: by
 * V8, which has other flags than when it was made.
 */
type Unused = "damaged" | "other_node" | "rejected" | "unreadable";

export interface Loaded {
  /** Of the bundle. */
  readonly exports: Readonly<Record<string, unknown>>;
  readonly unused?: Unused;
}

type ModuleFunction = (
  exports: object,
  require: NodeJS.Require,
  module: object,
  filename: string,
  dirname: string,
) => void;

/** @throws what the bundle throws when it is loaded; nothing of the cache */
export function loadBundle(folder: string): Loaded {
  const filename = join(folder, BUNDLE);
  const require = createRequire(filename);
  const script = compile(filename, folder);
  if (typeof script === "string") {
    return { exports: require(filename) as Loaded["exports"], unused: script };
  }
  const module = { exports: {} };
  const run = script.runInThisContext() as ModuleFunction;
  run(module.exports, require, module, filename, folder);
  return { exports: module.exports };
}

function compile(filename: string, folder: string): Script | Unused {
  try {
    const bundle = readFileSync(filename);
    const cachedData = readFileSync(join(folder, CACHE));
    const misfit = misfitOf(readFileSync(join(folder, RECORD), "utf8"), bundle, cachedData);
    if (misfit !== undefined) {
      return misfit;
    }
    const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
    const script = new Script(wrapped(bundle), { filename, cachedData, importModuleDynamically });
    return script.cachedDataRejected === true ? "rejected" : script;
  } catch {
    return "unreadable";
  }
}

function misfitOf(text: string, bundle: Buffer, cache: Buffer): Unused | undefined {
  const record = readRecord(text);
  if (record === undefined) {
    return "damaged";
  }
  if (record.node !== thisNode()) {
    return "other_node";
  }
  return record.digest === digestOf(bundle, cache) ? undefined : "damaged";
}

function readRecord(text: string): Partial<CodeCacheRecord> | undefined {
  try {
    const record: unknown = JSON.parse(text);
    return typeof record === "object" && record !== null ? record : undefined;
  } catch {
    return undefined;
  }
}
