/**
 * One value in a storage that may be missing, refuse, be damaged, or be shared with other writers.
 * No method rejects.
 */
import { eventually } from "./safely.js";
import type { TextStorage } from "./types.js";

export interface Shelf<T> {
  read(): Promise<T | undefined>;
  /** @returns whether the value outlives this page: some storages refuse without an error */
  write(value: T): Promise<boolean>;
  /** Does nothing if the storage has another value by now. */
  remove(value: T): Promise<void>;
}

/** @param storage undefined: memory only */
export function createShelf<T>(storage: TextStorage | undefined, key: string): Shelf<T> {
  /** The value, if the storage refused it; empty if it refused the removal. */
  let instead: string | undefined;

  const stored = async () => (await eventually(() => storage?.getItem(key))) ?? "";
  const text = async () => instead ?? (await stored());
  const clear = () => eventually(() => storage?.removeItem(key));

  return {
    read: () => eventually(async () => JSON.parse(await text()) as T),
    write: async (value) => {
      const next = JSON.stringify(value);
      await eventually(() => storage?.setItem(key, next));
      instead = (await stored()) === next ? undefined : next;
      if (instead) {
        // The next load must not find the value that this one replaces.
        await clear();
      }
      return !instead;
    },
    remove: async (value) => {
      if ((await text()) === JSON.stringify(value)) {
        await clear();
        // A value that could not be removed must not be read again.
        instead = (await stored()) ? "" : undefined;
      }
    },
  };
}
