/**
 * Where a local run keeps its data: one run per folder at a time, and no folder of other contents.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DamagedData } from "@rollup-vault/local-aws/aws/damaged-data";
import { lockFolder } from "./folder-lock";
import { hasCode, LocalRunError } from "./local-run-error";
import { cannotWrite, writingTo } from "./writable";

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
  const unlock = await writingTo(folder, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await lockFolder(folder);
  });
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
    throw damaged(folder, `${MARKER} is damaged, or was written by another version`);
  }
  if (found.owner !== owner) {
    const other = found.owner ?? "the local Rollup ID";
    throw new LocalRunError(
      `the data folder ${folder} has the users and grants of another provider (${other}): ` +
        "`npm start -- --fresh` leaves it alone",
    );
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
  const other = names.find((name) => !name.startsWith("lock"));
  if (other !== undefined) {
    throw new LocalRunError(
      `${folder} is no data folder of a local run (${MARKER} is missing), and ${other} is in it: ` +
        "`npm start -- --fresh` leaves it alone",
    );
  }
}

/**
 * Runs a part of the start that reads the folder, which may find damage of its own there.
 * @throws LocalRunError for damage, and for a folder that cannot be written; all else as it came
 */
export async function withDataFolderHint<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DamagedData) {
      throw damaged(folder, error.message);
    }
    const { path } = error as NodeJS.ErrnoException;
    throw (path?.startsWith(folder) && cannotWrite(path, error)) || error;
  }
}

/** Moved away, not removed: who knows what is in it. */
function damaged(folder: string, why: string): LocalRunError {
  return new LocalRunError(
    `the data folder cannot be read: ${why}. \`mv ${folder} ${folder}-damaged\` lets the next ` +
      "start make a new one, and `npm start -- --fresh` does without",
  );
}
