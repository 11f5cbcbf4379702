/** Merges two records into one when a user moves to a subject that may have its own. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { EpochMs, MovedRecord, User } from "../model";

export interface MergedUser {
  readonly user: User;
  readonly movedFrom: MovedRecord;
}

/**
 * The new subject's values win: its claims, and each attribute by name. It keeps its own userinfo,
 * which is the provider's word and can be asked for again.
 */
export function mergedUser(
  old: User,
  target: User | undefined,
  { id, to, now }: { readonly id: string; readonly to: string; readonly now: EpochMs },
): MergedUser {
  const names = Object.keys(old.attributes);
  if (target === undefined) {
    return {
      user: { ...old, sub: to, updatedAt: now, version: 1 },
      movedFrom: { id, isNew: true, kept: names, dropped: [] },
    };
  }
  const own = new Map(Object.entries(target.attributes));
  const added = Object.entries(old.attributes).filter(([name]) => !own.has(name));
  return {
    user: {
      ...target,
      attributes: Object.fromEntries([...added, ...own]),
      createdAt: Math.min(old.createdAt, target.createdAt),
      updatedAt: now,
      version: target.version + 1,
    },
    movedFrom: {
      id,
      isNew: false,
      kept: added.map(([name]) => name),
      dropped: names.filter(
        (name) => own.has(name) && !isDeepStrictEqual(own.get(name), old.attributes[name]),
      ),
    },
  };
}
