/**
 * The only adapter of a function that removes user items (the operator's is user-mover.ts). Only
 * the account function's role allows it (`dynamodb:PutItem`).
 */
import { PutCommand, type PutCommandInput, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Erasure, Revocation, UserRecord } from "../model";
import type { UserEraser } from "../ports/stores";
import type { TableOptions } from "./dynamodb";
import { toItemTime } from "./item-time";
import { SCHEMA_VERSION } from "./schema-version";
import { succeeds } from "./succeeds";
import { toTombstone } from "./user-item";
import { userSeen } from "./user-mending";
import { createFindUser } from "./user-store";

export function createUserEraser(options: TableOptions): UserEraser {
  const { table, client } = options;
  return {
    find: createFindUser(options),
    begin: async (sub, seen, erasure) =>
      await succeeds(client.send(tombstoneCommand(table, { sub, seen, erasure }))),
    finish: async (sub, erasure, revocation) => {
      await succeeds(client.send(finishCommand(table, { sub, erasure, revocation })));
    },
  };
}

/** Replaces the whole item, so that attributes of other versions of this code go as well. */
function tombstoneCommand(
  table: string,
  { sub, seen, erasure }: { sub: string; seen: UserRecord; erasure: Erasure },
): PutCommand {
  return new PutCommand({
    TableName: table,
    Item: toTombstone(sub, erasure),
    ...asSeen(seen),
  });
}

type Condition = Pick<
  PutCommandInput,
  "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
>;

function asSeen({ user, erasure, damage }: UserRecord): Condition {
  if (damage !== undefined) {
    const { expression, names, values } = userSeen(damage);
    return {
      ConditionExpression: expression,
      ExpressionAttributeNames: { ...names },
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: { ...values } }),
    };
  }
  if (user !== undefined) {
    return {
      ConditionExpression: "#version = :version",
      ExpressionAttributeNames: { "#version": "version" },
      ExpressionAttributeValues: { ":version": user.version },
    };
  }
  if (erasure !== undefined) {
    return {
      ConditionExpression: "#erasedAt = :erasedAt AND attribute_not_exists(#version)",
      ExpressionAttributeNames: { "#erasedAt": "erasedAt", "#version": "version" },
      ExpressionAttributeValues: { ":erasedAt": toItemTime(erasure.at) },
    };
  }
  return {
    ConditionExpression: "attribute_not_exists(#sub)",
    ExpressionAttributeNames: { "#sub": "sub" },
  };
}

function finishCommand(
  table: string,
  { sub, erasure, revocation }: { sub: string; erasure: Erasure; revocation: Revocation },
): UpdateCommand {
  return new UpdateCommand({
    TableName: table,
    Key: { sub },
    ConditionExpression: "#erasedAt = :erasedAt AND #schemaVersion = :schemaVersion",
    UpdateExpression: "SET #revocation = :revocation REMOVE #erasing",
    ExpressionAttributeNames: {
      "#erasedAt": "erasedAt",
      "#schemaVersion": "schemaVersion",
      "#revocation": "revocation",
      "#erasing": "erasing",
    },
    ExpressionAttributeValues: {
      ":erasedAt": toItemTime(erasure.at),
      ":schemaVersion": SCHEMA_VERSION,
      ":revocation": revocation,
    },
  });
}
