/**
 * What the functions print: one file per function in the data folder, and a callback.
 */
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { LogStream } from "./runtime/instance";

export interface LogLine {
  /** Short name, e.g. `AccessToken`. */
  readonly function: string;
  readonly stream: LogStream;
  readonly line: string;
}

export interface Logs {
  readonly folder: string;
  write(line: LogLine): void;
  close(): Promise<void>;
}

export async function openLogs(
  folder: string,
  onLog: (line: LogLine) => void = () => undefined,
): Promise<Logs> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = new Map<string, WriteStream>();
  const fileOf = (name: string): WriteStream => {
    const open = files.get(name);
    if (open !== undefined) {
      return open;
    }
    const file = createWriteStream(join(folder, `${name}.log`), { flags: "a", mode: 0o600 });
    // A full disk must not end the run.
    file.on("error", () => undefined);
    files.set(name, file);
    return file;
  };
  return {
    folder,
    write: (line) => {
      fileOf(line.function).write(`${line.line}\n`);
      onLog(line);
    },
    close: async () => {
      await Promise.all(
        [...files.values()].map((file) => {
          file.end();
          return finished(file).catch(() => undefined);
        }),
      );
    },
  };
}
