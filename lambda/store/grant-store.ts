/**
 * Grants: partition key `sub`, one item each, changed only by compare-and-set on `revision`.
 *
 * Invariant: of any number of writers that expect the same revision, exactly one is told that it
 * wrote.
 */
import { randomUUID } from "node:crypto";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Grant } from "../grant/grant";
import type { DueAt } from "../grant/phase";
import type { GrantStore } from "../ports/stores";
import { byStructure } from "./by-structure";
import type { TableOptions } from "./dynamodb";
import { GRANT_SEEN, revisionAfter } from "./grant-damage";
import { toDueItem, toGrant, toItem } from "./grant-item";
import { GRANT_LASTING, type LastingAttribute } from "./lasting-attributes";
import { readItem } from "./read-item";
import { SCHEMA_VERSION } from "./schema-version";
import { asSeen, fingerprint, type SeenCondition } from "./seen";
import { succeeds } from "./succeeds";

export interface GrantWriterOptions extends TableOptions {
  /** Undefined: no grant is ever due, and items have no due attributes. */
  readonly dueAt?: DueAt;
  /**
   * The lasting attributes that this writer may change. Its requests do not name the others, since
   * its role may not: the item keeps them, and as the revision is unchanged they are as they were
   * read.
   * @default none
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
    // This call's own write: the SDK repeated it after its answer was lost (S50).
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
  /** The item as it was read, where it is damaged. */
  readonly over: Readonly<Record<string, unknown>> | undefined;
  readonly revision: number;
  readonly writeId: string;
  readonly dueAt: DueAt | undefined;
  /** Attributes that the request must not name. */
  readonly untouched: ReadonlySet<string>;
  /** Instead of `expected` and `over`. */
  readonly condition?: SeenCondition;
}

/**
 * Sets the attributes that the grant has and removes those that it has not. Other attributes stay.
 */
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

/** With `schemaVersion`, so that this code never overwrites an item of a later version. */
function atRevision(expected: number): SeenCondition {
  return expected === 0
    ? { expression: "attribute_not_exists(#sub)", names: { "#sub": "sub" }, values: {} }
    : {
        expression: "#revision = :expected AND #schemaVersion = :schemaVersion",
        names: {},
        values: { ":expected": expected },
      };
}
