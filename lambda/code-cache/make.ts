/**
 * Run by the deployed Node when a stage is synthesized; not deployed. Arguments: `make` or `judge`,
 * and folders. `make` writes cache and record beside each bundle; `judge`, in a process that
 * begins as a function's does, fails unless V8 takes each cache.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { BUNDLE, CACHE, type CodeCacheRecord, digestOf, RECORD, thisNode, wrapped } from "./format";

function make(folder: string): void {
  const bundle = readFileSync(join(folder, BUNDLE));
  const cache = compileAll(bundle);
  const record: CodeCacheRecord = { node: thisNode(), digest: digestOf(bundle, cache) };
  writeFileSync(join(folder, CACHE), cache);
  writeFileSync(join(folder, RECORD), JSON.stringify(record));
}

/**
 * Every function is compiled, also those that V8 would leave for their first call: the first
 * request calls most of them, and so nothing of the bundle has to run here. Flags are a part of the
 * cache, so they are as before when it is written.
 */
function compileAll(bundle: Buffer): Buffer {
  setFlagsFromString("--no-lazy");
  const script = new Script(wrapped(bundle));
  setFlagsFromString("--lazy");
  return script.createCachedData();
}

function judge(folder: string): void {
  const source = wrapped(readFileSync(join(folder, BUNDLE)));
  const cachedData = readFileSync(join(folder, CACHE));
  if (new Script(source, { cachedData }).cachedDataRejected === true) {
    throw new Error(`V8 rejects the code cache that was just made in ${folder}`);
  }
}

const [, , task, ...folders] = process.argv;
folders.forEach(task === "make" ? make : judge);
