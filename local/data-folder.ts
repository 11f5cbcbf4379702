/**
 * Where a local run keeps its data: one run per folder at a time, and no folder of other contents.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFolder } from "./folder-lock";
import { hasCode, LocalRunError } from "./local-run-error";

export interface DataFolder {
  readonly path: string;
  /** Lets the next run in; a throw-away folder is gone afterwards. */
  close(): Promise<void>;
}

const MARKER = "rollup-vault.json";
const FORMAT = 1;

/**
 * @param path absent: a throw-away folder
 * @param owner the provider whose grants are in it, and no other's; absent: the local Rollup ID
 * @throws LocalRunError if another run uses it, or if it holds something else than a run's data
 *   beside this provider
 */
export async function openDataFolder(
  path: string | undefined,
  owner?: string,
): Promise<DataFolder> {
  const folder = path ?? (await mkdtemp(join(tmpdir(), "rollup-vault-")));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const unlock = await lockFolder(folder);
  try {
    await assertFormat(folder, owner);
  } catch (error) {
    await unlock();
    throw error;
  }
  return {
    path: folder,
    close: async () => {
      await unlock();
      if (path === undefined) {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function assertFormat(folder: string, owner: string | undefined): Promise<void> {
  const marker = join(folder, MARKER);
  let text: string;
  try {
    text = await readFile(marker, "utf8");
  } catch (error) {
    if (!hasCode(error, "ENOENT")) {
      throw error;
    }
    await assertEmpty(folder);
    const text = `${JSON.stringify({ format: FORMAT, owner })}\n`;
    await writeFile(marker, text, { mode: 0o600, flag: "wx" });
    return;
  }
  const found = readMarker(text);
  if (found?.format !== FORMAT) {
    throw unusable(folder, `${MARKER} is damaged or of another version`);
  }
  if (found.owner !== owner) {
    const other = found.owner ?? "the local Rollup ID";
    throw unusable(folder, `it has the users and grants of another provider (${other})`);
  }
}

function readMarker(text: string) {
  try {
    return JSON.parse(text) as { readonly format?: unknown; readonly owner?: string } | null;
  } catch {
    return undefined;
  }
}

/** Lock files are there already; anything else was not written by a run. */
async function assertEmpty(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.some((name) => !name.startsWith("lock"))) {
    throw unusable(folder, `${MARKER} is missing`);
  }
}

/**
 * Runs a part of the start that reads the folder. A part may find damage of its own there; the hint
 * is the same for all of them.
 * @throws LocalRunError with the error as its cause, but for errors about a TCP port
 */
export async function withDataFolderHint<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isAboutThePort = hasCode(error, "EADDRINUSE") || hasCode(error, "EACCES");
    throw isAboutThePort ? error : unusable(folder, "a part of it cannot be read", error);
  }
}

function unusable(folder: string, why: string, cause?: unknown): LocalRunError {
  return new LocalRunError(
    `the data folder ${folder} cannot be used: ${why}. Remove it, or start with --fresh`,
    { cause },
  );
}
