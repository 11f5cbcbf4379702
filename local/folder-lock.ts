/**
 * A lock file with the holder's process: at most one run per folder, and a lock whose holder is
 * dead heals itself.
 */
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode, LocalRunError } from "./local-run-error";
import { isAlive, ownMark, type ProcessMark } from "./process-mark";

const ATTEMPTS = 5;

/**
 * @returns what gives the lock back
 * @throws LocalRunError naming the process that holds it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const lock = join(folder, "lock");
  const own = JSON.stringify(ownMark());
  const draft = `${lock}.${process.pid}.${Date.now()}`;
  // Linking a complete file takes the lock or fails: no other process ever reads half a lock.
  await writeFile(draft, own, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (await take(draft, lock)) {
        return async () => {
          await rm(lock, { force: true });
        };
      }
      await heal(lock, folder);
    }
    throw new LocalRunError(
      `${lock} is taken and given back all the time by other starts: try again with \`npm start\``,
    );
  } finally {
    await rm(draft, { force: true });
  }
}

async function take(draft: string, lock: string): Promise<boolean> {
  try {
    await link(draft, lock);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) {
      return false;
    }
    throw error;
  }
}

/**
 * Moves a dead holder's lock away. If another run healed it meanwhile, its fresh lock is put back.
 */
async function heal(lock: string, folder: string): Promise<void> {
  const seen = await readText(lock);
  if (seen === undefined) {
    return;
  }
  const holder = readHolder(seen);
  if (holder !== undefined && isAlive(holder)) {
    throw new LocalRunError(
      `another local run (process ${holder.pid}) uses ${folder}: \`kill ${holder.pid}\` stops it, ` +
        "`PORT=0 ISSUER_PORT=0 PAGE_PORT=0 npm start -- --fresh` runs beside it",
    );
  }
  const stale = `${lock}.stale.${process.pid}`;
  await rename(lock, stale).catch(ignoreMissing);
  if ((await readText(stale)) !== seen) {
    await link(stale, lock).catch(() => undefined);
  }
  await rm(stale, { force: true });
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    ignoreMissing(error);
    return undefined;
  }
}

function ignoreMissing(error: unknown): void {
  if (!hasCode(error, "ENOENT")) {
    throw error;
  }
}

/** A lock that cannot be read was cut off by a crash of the machine: its holder is gone. */
function readHolder(text: string): ProcessMark | undefined {
  try {
    const holder = JSON.parse(text) as Partial<ProcessMark> | null;
    return typeof holder?.pid === "number"
      ? { pid: holder.pid, startedAt: holder.startedAt }
      : undefined;
  } catch {
    return undefined;
  }
}
