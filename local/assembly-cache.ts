/**
 * Assemblies of earlier runs, by what they were made from. An entry is written as a whole or not at
 * all, and is used only with the very contents that were written (decision 0043).
 */
import { createHash, type Hash } from "node:crypto";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "./local-run-error";

/** What `bin/app.ts` and the bundles are made from, besides packages. */
export const SOURCES = [
  "bin",
  "lib",
  "lambda",
  "cdk.json",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];
/** npm's record of what is installed; the lock file only says what should be. */
const INSTALLED = "node_modules/.package-lock.json";
/** An assembly is about 3 MB. */
const MAX_ENTRIES = 8;
const ASSEMBLY = "assembly";
const DIGEST = "digest";
const DRAFT = "draft-";
/** Nobody takes that long to write one. */
const DRAFT_MS = 3_600_000;

/** What an assembly is made from, besides the files of a checkout. */
export interface AssemblyInputs {
  /** The checkout; the metadata of an assembly names its files. */
  readonly root: string;
  readonly context: unknown;
  /** All that the CDK app sees of it. */
  readonly environment: Readonly<Record<string, string>>;
  /** @default of this process */
  readonly nodeVersion?: string;
}

/** @returns undefined where it is not known which packages are installed */
export async function keyOf(inputs: AssemblyInputs): Promise<string | undefined> {
  const { root, context, environment, nodeVersion = process.version } = inputs;
  const hash = createHash("sha256");
  const { platform, arch } = process;
  add(hash, JSON.stringify([await realpath(root), nodeVersion, platform, arch]));
  add(hash, JSON.stringify([context, Object.entries(environment).sort()]));
  try {
    add(hash, await readFile(join(root, INSTALLED)));
  } catch (error) {
    if (hasCode(error, "ENOENT")) {
      return undefined;
    }
    throw error;
  }
  for (const source of SOURCES) {
    await addFiles(hash, root, source);
  }
  return hash.digest("hex");
}

/** @returns whether there was one, and it is now in `folder`, which must not exist */
export async function takeAssembly(cache: string, key: string, folder: string): Promise<boolean> {
  const entry = join(cache, key);
  try {
    const digest = await readFile(join(entry, DIGEST), "utf8");
    await cp(join(entry, ASSEMBLY), folder, { recursive: true });
    // Of the copy: what is used is what was looked at.
    if ((await digestOf(folder)) === digest) {
      const now = new Date();
      await utimes(entry, now, now);
      return true;
    }
  } catch {
    // Not there, in part only, or on its way out: then it is made anew.
  }
  await rm(folder, { recursive: true, force: true });
  await rm(entry, { recursive: true, force: true }).catch(() => undefined);
  return false;
}

/**
 * Keeps a copy of `folder`. Of several processes with the same key one wins.
 * @throws Error where the disk is full, or the cache may not be written
 */
export async function keepAssembly(cache: string, key: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const draft = await mkdtemp(join(cache, DRAFT));
  await cp(folder, join(draft, ASSEMBLY), { recursive: true });
  await writeFile(join(draft, DIGEST), await digestOf(join(draft, ASSEMBLY)));
  await rename(draft, join(cache, key)).catch(async (error: unknown) => {
    await rm(draft, { recursive: true });
    if (!hasCode(error, "ENOTEMPTY") && !hasCode(error, "EEXIST")) {
      throw error;
    }
  });
  await removeOldest(cache);
}

/** Also drafts whose process has died. */
async function removeOldest(cache: string): Promise<void> {
  const found = (await readdir(cache)).map(async (name) => {
    const path = join(cache, name);
    // Another process may have removed it.
    const stats = await stat(path).catch(() => undefined);
    return { path, usedAt: stats?.mtimeMs ?? 0, isDraft: name.startsWith(DRAFT) };
  });
  const all = await Promise.all(found);
  const entries = all.filter(({ isDraft }) => !isDraft);
  entries.sort((one, other) => other.usedAt - one.usedAt);
  const dead = all.filter(({ isDraft, usedAt }) => isDraft && usedAt < Date.now() - DRAFT_MS);
  for (const { path } of [...entries.slice(MAX_ENTRIES), ...dead]) {
    await rm(path, { recursive: true, force: true });
  }
}

async function digestOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  await addFiles(hash, folder, ".");
  return hash.digest("hex");
}

/** Names and contents, in one order. */
async function addFiles(hash: Hash, root: string, name: string): Promise<void> {
  const path = join(root, name);
  if (!(await stat(path)).isDirectory()) {
    add(hash, name);
    add(hash, await readFile(path));
    return;
  }
  for (const child of (await readdir(path)).sort()) {
    await addFiles(hash, root, join(name, child));
  }
}

/** With its length, so that no two lists of parts look alike. */
function add(hash: Hash, part: string | Buffer): void {
  hash.update(`${String(Buffer.byteLength(part))}:`).update(part);
}
