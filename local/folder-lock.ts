/**
 * A lock file with the holder's process: at most one run per folder, and a lock whose holder is
 * dead heals itself.
 */
import { readFileSync } from "node:fs";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode, LocalRunError } from "./local-run-error";

interface Holder {
  readonly pid: number;
  /** Tells the holder from a later process with the same number; where the system says it. */
  readonly startedAt: string | undefined;
}

const ATTEMPTS = 5;

/**
 * @returns what gives the lock back
 * @throws LocalRunError naming the process that holds it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const lock = join(folder, "lock");
  const own = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) });
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
    throw new LocalRunError(`${lock} cannot be taken; remove it if no other run uses the folder`);
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
      `another local run (process ${holder.pid}) uses ${folder}; stop it, or start with --fresh`,
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
function readHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    return typeof holder?.pid === "number"
      ? { pid: holder.pid, startedAt: holder.startedAt }
      : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, startedAt }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, "EPERM");
  }
  return startedAt === undefined || startOf(pid) === startedAt;
}

/** Linux only: the start time in clock ticks since boot, field 22 of `/proc/PID/stat`. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
