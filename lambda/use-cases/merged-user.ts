/**
 * One record of two, when a user moves to a subject that may have one of its own; a pure function.
 */
import { isDeepStrictEqual } from "node:util";
import type { EpochMs, MovedRecord, User } from "../model";

export interface MergedUser {
  readonly user: User;
  readonly movedFrom: MovedRecord;
}

/**
 * What the new subject has wins: its claims, and each attribute by its name. Of userinfo it keeps
 * its own, since that is the provider's word and can be asked for again.
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
