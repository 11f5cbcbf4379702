/**
 * Records by id that survive a kill of the process at any instant: one line per change, appended,
 * and the file written anew when most of it is history. For what changes too often to be written
 * as a whole each time, as {@link createDurableFile} does.
 */
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import * as v from "valibot";
import { DamagedData } from "./damaged-data";

export interface Journal<T> {
  /** In the order in which they first came. */
  values(): Iterable<T>;
  get(id: string): T | undefined;
  put(id: string, record: T): void;
  delete(id: string): void;
  readonly size: number;
  close(): void;
}

const SPARE_LINES = 1_000;

/**
 * @param path undefined: in memory only.
 * @throws DamagedData where the file exists and is not such a journal.
 */
export function createJournal<T>(
  path: string | undefined,
  schema: v.GenericSchema<unknown, T>,
): Journal<T> {
  const records = path === undefined ? new Map<string, T>() : load(path, schema);
  let file = path === undefined ? undefined : rewrite(path, records);
  let lines = records.size;
  const note = (change: readonly [id: string, record?: T]): void => {
    if (path === undefined || file === undefined) {
      return;
    }
    appendFileSync(file, `${JSON.stringify(change)}\n`);
    lines += 1;
    if (lines > SPARE_LINES + 4 * records.size) {
      closeSync(file);
      file = rewrite(path, records);
      lines = records.size;
    }
  };
  return {
    values: () => records.values(),
    get: (id) => records.get(id),
    put: (id, record) => {
      records.set(id, record);
      note([id, record]);
    },
    delete: (id) => {
      if (records.delete(id)) {
        note([id]);
      }
    },
    get size() {
      return records.size;
    },
    close: () => {
      if (file !== undefined) {
        closeSync(file);
        file = undefined;
      }
    },
  };
}

function load<T>(path: string, schema: v.GenericSchema<unknown, T>): Map<string, T> {
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return new Map();
    }
    throw error;
  }
  const records = new Map<string, T>();
  const change = v.union([v.strictTuple([v.string()]), v.strictTuple([v.string(), schema])]);
  try {
    // A kill cut off what follows the last line break, before any caller got an answer for it.
    for (const line of text.split("\n").slice(0, -1)) {
      const [id, record] = v.parse(change, JSON.parse(line));
      if (record === undefined) {
        records.delete(id);
      } else {
        records.set(id, record);
      }
    }
  } catch {
    throw new DamagedData(path);
  }
  return records;
}

/** @returns the file, open for appending */
function rewrite<T>(path: string, records: ReadonlyMap<string, T>): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lines = [...records].map((change) => `${JSON.stringify(change)}\n`);
  writeFileSync(`${path}.new`, lines.join(""), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return openSync(path, "a", 0o600);
}
