/**
 * A small JSON document that survives a kill at any instant: written beside, flushed, renamed.
 * Readable by its owner only, for it holds key material and secrets.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import * as v from "valibot";
import { DamagedData } from "./damaged-data";

export interface DurableFile<T> {
  /** The document as last written. */
  read(): T;
  /**
   * Returns once the document is on disk; if it throws, the old document is still the current one.
   */
  write(next: T): void;
}

/**
 * @param path undefined: in memory only.
 * @throws DamagedData where the file exists and is not such a document.
 */
export function createDurableFile<T>(
  path: string | undefined,
  schema: v.GenericSchema<unknown, T>,
  initial: T,
): DurableFile<T> {
  let current = path === undefined ? initial : (load(path, schema) ?? initial);
  return {
    read: () => current,
    write: (next) => {
      if (path !== undefined) {
        replace(path, JSON.stringify(next));
      }
      current = next;
    },
  };
}

function load<T>(path: string, schema: v.GenericSchema<unknown, T>): T | undefined {
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
  try {
    return v.parse(schema, JSON.parse(text));
  } catch {
    // Neither the text nor the parser's words about it: there are secrets in it.
    throw new DamagedData(path);
  }
}

/** Synchronous, so that two writes cannot cross and nothing else happens in between. */
function replace(path: string, text: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.new`;
  withFile(temporary, "w", (file) => {
    writeFileSync(file, text);
    fsyncSync(file);
  });
  renameSync(temporary, path);
  withFile(folder, "r", fsyncSync);
}

function withFile(path: string, flags: string, use: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}
