/** Runs a bundle from its code cache, or without it: the same answers, later. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { constants, Script } from "node:vm";
import { BUNDLE, CACHE, type CodeCacheRecord, digestOf, RECORD, thisNode, wrapped } from "./format";

/** Why a cache was not used. `rejected`: by V8, which has other flags than when it was made. */
type Unused = "absent" | "damaged" | "other_node" | "rejected";

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

/**
 * @param node what runs; another one than this process for tests
 * @throws what the bundle throws when it is loaded
 */
export function loadBundle(folder: string, node: string = thisNode()): Loaded {
  const filename = join(folder, BUNDLE);
  const require = createRequire(filename);
  const bundle = readFileSync(filename);
  const cache = readCache(folder, bundle, node);
  if (typeof cache === "string") {
    return { exports: require(filename) as Loaded["exports"], unused: cache };
  }
  const script = new Script(wrapped(bundle), {
    filename,
    cachedData: cache,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  const run = script.runInThisContext() as ModuleFunction;
  run(module.exports, require, module, filename, folder);
  return {
    exports: module.exports,
    ...(script.cachedDataRejected === true && { unused: "rejected" }),
  };
}

function readCache(folder: string, bundle: Buffer, node: string): Buffer | Unused {
  const files = readBoth(folder);
  if (files === undefined) {
    return "absent";
  }
  const record = readRecord(files.record);
  if (record === undefined) {
    return "damaged";
  }
  if (record.node !== node) {
    return "other_node";
  }
  return record.digest === digestOf(bundle, files.cache) ? files.cache : "damaged";
}

function readBoth(folder: string): { record: string; cache: Buffer } | undefined {
  try {
    return {
      record: readFileSync(join(folder, RECORD), "utf8"),
      cache: readFileSync(join(folder, CACHE)),
    };
  } catch {
    return undefined;
  }
}

function readRecord(text: string): Partial<CodeCacheRecord> | undefined {
  try {
    const record: unknown = JSON.parse(text);
    return typeof record === "object" && record !== null ? record : undefined;
  } catch {
    return undefined;
  }
}
