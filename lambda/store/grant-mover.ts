/**
 * A grant's item during a move. A locked item has a version that no code reads or writes
 * (schema-version.ts): readers are told that it is unavailable, and writers that read it before
 * find another revision.
 */
import { randomUUID } from "node:crypto";
import { DeleteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Grant } from "../grant/grant";
import type { DueAt } from "../grant/phase";
import type { GrantMover, MovableGrant } from "../ports/move";
import type { TableOptions } from "./dynamodb";
import { toGrant } from "./grant-item";
import { writeCommand } from "./grant-store";
import { readItem } from "./read-item";
import { isMoving, MOVING_NOBODY, MOVING_VERSION, SCHEMA_VERSION } from "./schema-version";
import type { SeenCondition } from "./seen";
import { succeeds } from "./succeeds";

const LOCKED: SeenCondition = {
  expression: "#schemaVersion = :moving",
  names: {},
  values: { ":moving": MOVING_VERSION },
};

export function createGrantMover(options: TableOptions & { readonly dueAt?: DueAt }): GrantMover {
  const { table, client, dueAt } = options;

  async function write(next: Grant, condition: SeenCondition | undefined, expected: number) {
    const expectation = { expected, over: undefined, revision: next.revision, dueAt };
    const untouched: ReadonlySet<string> = new Set();
    const writeId = randomUUID();
    return await succeeds(
      client.send(
        writeCommand(table, next, {
          ...expectation,
          writeId,
          untouched,
          ...(condition && { condition }),
        }),
      ),
    );
  }

  return {
    find: async (sub) => toMovable(await readItem(options, sub)),
    lock: async (sub, expected) => await succeeds(client.send(lockCommand(table, sub, expected))),
    unlock: async (sub) => {
      const key = { TableName: table, Key: { sub } };
      const names = { "#schemaVersion": "schemaVersion", "#nobody": MOVING_NOBODY };
      const wasNobody = await succeeds(
        client.send(
          new DeleteCommand({
            ...key,
            ConditionExpression: "#schemaVersion = :moving AND attribute_exists(#nobody)",
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: LOCKED.values,
          }),
        ),
      );
      if (!wasNobody) {
        await succeeds(
          client.send(
            new UpdateCommand({
              ...key,
              ConditionExpression: "#schemaVersion = :moving AND attribute_not_exists(#nobody)",
              UpdateExpression: "SET #schemaVersion = :ours",
              ExpressionAttributeNames: names,
              ExpressionAttributeValues: { ...LOCKED.values, ":ours": SCHEMA_VERSION },
            }),
          ),
        );
      }
    },
    put: async (next, expected) => await write(next, undefined, expected),
    leave: async (next) => {
      await write(next, LOCKED, 0);
    },
  };
}

function toMovable(item: Readonly<Record<string, unknown>> | undefined): MovableGrant {
  if (item === undefined) {
    return { grant: undefined, isLocked: false, revision: 0 };
  }
  const isLocked = isMoving(item);
  const revision = Number(item["revision"]);
  if (isLocked && item[MOVING_NOBODY] === true) {
    return { grant: undefined, isLocked, revision };
  }
  const grant = toGrant(isLocked ? { ...item, schemaVersion: SCHEMA_VERSION } : item);
  return { grant, isLocked, revision: grant.revision };
}

function lockCommand(table: string, sub: string, expected: number): UpdateCommand {
  const isNew = expected === 0;
  const nobody = isNew ? ", #nobody = :yes" : " REMOVE #nobody";
  return new UpdateCommand({
    TableName: table,
    Key: { sub },
    ConditionExpression: isNew
      ? "attribute_not_exists(#sub)"
      : "#revision = :expected AND #schemaVersion = :ours",
    UpdateExpression: `SET #schemaVersion = :moving, #revision = :next${nobody}`,
    ExpressionAttributeNames: {
      "#schemaVersion": "schemaVersion",
      "#revision": "revision",
      "#nobody": MOVING_NOBODY,
      ...(isNew && { "#sub": "sub" }),
    },
    ExpressionAttributeValues: {
      ":moving": MOVING_VERSION,
      ":next": expected + 1,
      ...(isNew ? { ":yes": true } : { ":expected": expected, ":ours": SCHEMA_VERSION }),
    },
  });
}
