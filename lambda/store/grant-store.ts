/**
 * Grants: partition key `sub`, one item each, changed only by compare-and-set on `revision`.
 *
 * Invariant: of any number of writers that expect the same revision, exactly one is told that it wrote.
 */
import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, UpdateCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Grant } from "../model";
import type { GrantStore } from "../ports";
import { byStructure } from "./by-structure";
import { SCHEMA_VERSION, toDueItem, toGrant, toItem, type DueAt } from "./grant-item";
import { rethrow } from "./store-errors";

export interface GrantStoreOptions {
  readonly table: string;
  readonly client: DynamoDBDocumentClient;
}

/** `dueAt` undefined: nothing is ever due, and no item says so. */
export function createGrantStore({
  table,
  client,
  dueAt,
}: GrantStoreOptions & { readonly dueAt?: DueAt | undefined }): GrantStore {
  async function readItem(sub: string): Promise<Record<string, unknown> | undefined> {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: { sub }, ConsistentRead: true }),
    );
    return Item;
  }

  async function write(next: Grant, expected: number) {
    const writeId = randomUUID();
    try {
      await client.send(writeCommand(table, next, { expected, writeId, dueAt }));
      return { written: true, grant: { ...next, revision: expected + 1 } } as const;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) {
        throw error;
      }
    }
    const item = await readItem(next.sub);
    const current = item === undefined ? undefined : toGrant(item);
    // Our own write, repeated by the SDK because its answer was lost (S50).
    return current !== undefined && item?.["writeId"] === writeId
      ? ({ written: true, grant: current } as const)
      : ({ written: false, current } as const);
  }

  return {
    read: async (sub) => {
      const item = await readItem(sub).catch(rethrow);
      return item === undefined ? undefined : toGrant(item);
    },
    write: async (next, expected) => await write(next, expected).catch(rethrow),
  };
}

interface Expectation {
  readonly expected: number;
  readonly writeId: string;
  readonly dueAt: DueAt | undefined;
}

/** Sets what the grant has and removes what it has not; attributes that are not the grant's stay as they are. */
function writeCommand(
  table: string,
  next: Grant,
  { expected, writeId, dueAt }: Expectation,
): UpdateCommand {
  const attributes = Object.entries({
    ...toItem(next),
    ...(dueAt && toDueItem(next, dueAt)),
    schemaVersion: SCHEMA_VERSION,
    revision: expected + 1,
    writeId,
  });
  const present = attributes.filter(([, value]) => value !== undefined);
  const absent = attributes.filter(([, value]) => value === undefined);
  const set = `SET ${present.map(([name]) => `#${name} = :${name}`).join(", ")}`;
  const remove =
    absent.length === 0 ? "" : ` REMOVE ${absent.map(([name]) => `#${name}`).join(", ")}`;
  return new UpdateCommand({
    TableName: table,
    Key: { sub: next.sub },
    UpdateExpression: set + remove,
    ...condition(expected),
    ExpressionAttributeNames: {
      ...Object.fromEntries(attributes.map(([name]) => [`#${name}`, name])),
      ...(expected === 0 ? { "#sub": "sub" } : {}),
    },
    ExpressionAttributeValues: {
      ...Object.fromEntries(present.map(([name, value]) => [`:${name}`, byStructure(value)])),
      ...(expected === 0 ? {} : { ":expected": expected }),
    },
  });
}

/** `schemaVersion` is in it so that an item of a later version is never rewritten by this one. */
function condition(expected: number): { ConditionExpression: string } {
  return {
    ConditionExpression:
      expected === 0
        ? "attribute_not_exists(#sub)"
        : "#revision = :expected AND #schemaVersion = :schemaVersion",
  };
}
