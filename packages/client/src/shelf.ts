/**
 * One value in a storage that may be missing, refuse, be damaged, or be written by others too.
 * Nothing here rejects.
 */
import { eventually } from "./safely.js";
import type { TextStorage } from "./types.js";

export interface Shelf<T> {
  read(): Promise<T | undefined>;
  /** @returns whether it outlives this page: not every storage that refuses says so */
  write(value: T): Promise<boolean>;
  /** Nothing happens where something else lies there by now. */
  remove(value: T): Promise<void>;
}

/** @param storage undefined: memory alone */
export function createShelf<T>(storage: TextStorage | undefined, key: string): Shelf<T> {
  /** What counts in the place of what is stored, where the storage refused it. Empty: nothing. */
  let instead: string | undefined;

  const stored = async () => (await eventually(() => storage?.getItem(key))) ?? "";
  const text = async () => instead ?? (await stored());
  const take = () => eventually(() => storage?.removeItem(key));

  return {
    read: () => eventually(async () => JSON.parse(await text()) as T),
    write: async (value) => {
      const next = JSON.stringify(value);
      await eventually(() => storage?.setItem(key, next));
      instead = (await stored()) === next ? undefined : next;
      if (instead) {
        // What it replaces must not be there at the next load.
        await take();
      }
      return !instead;
    },
    remove: async (value) => {
      if ((await text()) === JSON.stringify(value)) {
        await take();
        // What cannot be taken away must not come back by the next look.
        instead = (await stored()) ? "" : undefined;
      }
    },
  };
}
