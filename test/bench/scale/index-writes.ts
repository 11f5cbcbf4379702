/**
 * What a write of a grant costs in the table's indexes, counted by the code that makes the items. A
 * changed key is a deletion and a new entry (DynamoDB Developer Guide, "Write capacity units" of
 * global secondary indexes), of one unit each: the indexes hold keys only.
 */
import type { Grant } from "../../../lambda/grant/grant";
import type { DueAt } from "../../../lambda/grant/phase";
import { toDueItem, toItem } from "../../../lambda/store/grant-item";

export interface IndexWrite {
  /** Partition key, e.g. `active#7` or `due#7`. */
  readonly key: string;
  readonly units: 1;
}

export function indexWritesOf(
  before: Grant | undefined,
  after: Grant,
  dueAt: DueAt | undefined,
): readonly IndexWrite[] {
  const listed = changed(before && listEntry(before), listEntry(after));
  return dueAt === undefined
    ? listed
    : [...listed, ...changed(before && dueEntry(before, dueAt), dueEntry(after, dueAt))];
}

interface Entry {
  readonly key: unknown;
  readonly sort: unknown;
}

function listEntry(grant: Grant): Entry {
  const { listKey, since } = toItem(grant);
  return { key: listKey, sort: since };
}

function dueEntry(grant: Grant, at: DueAt): Entry {
  const { dueKey, dueAt } = toDueItem(grant, at);
  return { key: dueKey, sort: dueAt };
}

function changed(before: Entry | undefined, after: Entry): readonly IndexWrite[] {
  if (before?.key === after.key && before?.sort === after.sort) {
    return [];
  }
  return [before?.key, after.key]
    .filter((key) => typeof key === "string")
    .map((key) => ({ key, units: 1 }));
}
