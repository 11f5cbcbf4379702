/** A place that cannot be written is not damaged: it is named, with a command that does without. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalRunError } from "./local-run-error";

const WHY: Readonly<Record<string, string>> = {
  EROFS: "its file system is read-only",
  EACCES: "it is not yours to write",
  EPERM: "it is not yours to write",
  ENOENT: "it cannot be made",
  ENOTDIR: "a part of its path is no folder",
  EEXIST: "a file is in its place",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk is full",
};

/** @throws LocalRunError where the system does not let this process write to `path` */
export async function writingTo<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw cannotWrite(path, error) ?? error;
  }
}

/** @returns undefined for an error about something else */
export function cannotWrite(path: string, error: unknown): LocalRunError | undefined {
  const why = WHY[String((error as NodeJS.ErrnoException | undefined)?.code)];
  const elsewhere = join(tmpdir(), "rollup-vault-outputs.json");
  return why === undefined
    ? undefined
    : new LocalRunError(
        `${path} cannot be written (${why}): \`LOCAL_OUTPUTS=${elsewhere} npm start -- --fresh\` ` +
          "writes to the system's temporary folder only",
      );
}
