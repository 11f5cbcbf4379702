/**
 * Grants: partition key `sub`, one item each, changed only by compare-and-set on `revision`.
 *
 * Invariant: of any number of writers that expect the same revision, exactly one is told that it wrote.
 */
import { randomUUID } from "node:crypto";
import { type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Grant } from "../grant/grant";
import type { DueAt } from "../grant/phase";
import type { GrantStore } from "../ports";
import { byStructure } from "./by-structure";
import { GRANT_SEEN, revisionAfter } from "./grant-damage";
import { SCHEMA_VERSION, toDueItem, toGrant, toItem } from "./grant-item";
import { readItem } from "./read-item";
import { asSeen, fingerprint, type SeenCondition } from "./seen";
import { succeeds } from "./succeeds";
import { GRANT_LASTING, type LastingAttribute } from "./written-attributes";

export interface GrantStoreOptions {
  readonly table: string;
  readonly client: DynamoDBDocumentClient;
}

export interface GrantWriterOptions extends GrantStoreOptions {
  /** Undefined: nothing is ever due, and no item says so. */
  readonly dueAt?: DueAt | undefined;
  /**
   * What this writer may change of what outlives whatever becomes of a grant. The rest its requests do not even name, since
   * its role may not: the item keeps what it has, and as the revision is still the same, that is what was read.
   * @default nothing
   */
  readonly lasting?: readonly LastingAttribute[];
}

export function createGrantStore(options: GrantWriterOptions): GrantStore {
  const { table, client, dueAt, lasting = [] } = options;
  const untouched: ReadonlySet<string> = new Set(
    GRANT_LASTING.filter((name) => !lasting.includes(name)),
  );

  async function write(next: Grant, expected: number) {
    const writeId = randomUUID();
    const over = expected < 0 ? await readItem(options, next.sub) : undefined;
    if (expected < 0 && (over === undefined || fingerprint(over, GRANT_SEEN) !== expected)) {
      return { written: false, current: over && toGrant(over) } as const;
    }
    const revision = over === undefined ? expected + 1 : revisionAfter(over);
    const expectation = { expected, over, revision, writeId, dueAt, untouched };
    if (await succeeds(client.send(writeCommand(table, next, expectation)))) {
      return { written: true, grant: { ...next, revision, unreadable: undefined } } as const;
    }
    const item = await readItem(options, next.sub);
    const current = item === undefined ? undefined : toGrant(item);
    // Our own write, repeated by the SDK because its answer was lost (S50).
    return current !== undefined && item?.["writeId"] === writeId
      ? ({ written: true, grant: current } as const)
      : ({ written: false, current } as const);
  }

  return {
    read: async (sub) => {
      const item = await readItem(options, sub);
      return item === undefined ? undefined : toGrant(item);
    },
    write,
  };
}

interface Expectation {
  readonly expected: number;
  /** The item as it was seen, where it cannot be read. */
  readonly over: Readonly<Record<string, unknown>> | undefined;
  readonly revision: number;
  readonly writeId: string;
  readonly dueAt: DueAt | undefined;
  /** Names that the request must not have. */
  readonly untouched: ReadonlySet<string>;
  /** Instead of `expected` and `over`. */
  readonly condition?: SeenCondition;
}

/** Sets what the grant has and removes what it has not; attributes that are not the grant's stay as they are. */
export function writeCommand(
  table: string,
  next: Grant,
  { expected, over, revision, writeId, dueAt, untouched, condition: given }: Expectation,
): UpdateCommand {
  const attributes = Object.entries({
    ...toItem(next),
    ...(dueAt && toDueItem(next, dueAt)),
    schemaVersion: SCHEMA_VERSION,
    revision,
    writeId,
  }).filter(([name]) => !untouched.has(name));
  const present = attributes.filter(([, value]) => value !== undefined);
  const absent = attributes.filter(([, value]) => value === undefined);
  const set = `SET ${present.map(([name]) => `#${name} = :${name}`).join(", ")}`;
  const remove =
    absent.length === 0 ? "" : ` REMOVE ${absent.map(([name]) => `#${name}`).join(", ")}`;
  const seen = over === undefined ? atRevision(expected) : asSeen(over, GRANT_SEEN);
  const condition = given ?? seen;
  return new UpdateCommand({
    TableName: table,
    Key: { sub: next.sub },
    UpdateExpression: set + remove,
    ConditionExpression: condition.expression,
    ExpressionAttributeNames: {
      ...Object.fromEntries(attributes.map(([name]) => [`#${name}`, name])),
      ...condition.names,
    },
    ExpressionAttributeValues: {
      ...Object.fromEntries(present.map(([name, value]) => [`:${name}`, byStructure(value)])),
      ...condition.values,
    },
  });
}

/** `schemaVersion` is in it so that an item of a later version is never rewritten by this one. */
function atRevision(expected: number): SeenCondition {
  return expected === 0
    ? { expression: "attribute_not_exists(#sub)", names: { "#sub": "sub" }, values: {} }
    : {
        expression: "#revision = :expected AND #schemaVersion = :schemaVersion",
        names: {},
        values: { ":expected": expected },
      };
}
