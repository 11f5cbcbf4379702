/**
 * A user's item during a move: locked as in grant-mover.ts, its attributes untouched until its
 * tombstone replaces it. Locking raises `version`, since an erasure writes its tombstone over a
 * version.
 */
import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { User } from "../model";
import type { MovableUser, UserMerge, UserMover } from "../ports/move";
import { byStructure } from "./by-structure";
import type { TableOptions } from "./dynamodb";
import { toItemTime } from "./item-time";
import { readItem } from "./read-item";
import { isMoving, MOVING_NOBODY, MOVING_VERSION, SCHEMA_VERSION } from "./schema-version";
import { succeeds } from "./succeeds";
import { toRecord, toTombstone } from "./user-item";

export function createUserMover(options: TableOptions): UserMover {
  const { table, client } = options;

  return {
    find: async (sub) => toMovable(await readItem(options, sub)),
    lock: async (sub, { user }) => await succeeds(client.send(lockCommand(table, sub, user))),
    merge: async (merge, seen) => await succeeds(client.send(mergeCommand(table, merge, seen))),
    leave: async (sub, erasure, movedTo) => {
      await succeeds(
        client.send(
          new PutCommand({
            TableName: table,
            Item: {
              // The erasure is finished.
              ...toTombstone(sub, erasure),
              erasing: undefined,
              revocation: "no_token",
              movedTo: byStructure(movedTo),
            },
            ConditionExpression: "#schemaVersion = :moving",
            ExpressionAttributeNames: { "#schemaVersion": "schemaVersion" },
            ExpressionAttributeValues: { ":moving": MOVING_VERSION },
          }),
        ),
      );
    },
  };
}

function toMovable(item: Readonly<Record<string, unknown>> | undefined): MovableUser {
  const isLocked = item !== undefined && isMoving(item);
  if (!isLocked) {
    return { ...toRecord(item), isLocked };
  }
  const isNobody = item[MOVING_NOBODY] === true;
  return {
    ...toRecord(isNobody ? undefined : { ...item, schemaVersion: SCHEMA_VERSION }),
    isLocked,
  };
}

function lockCommand(table: string, sub: string, user: User | undefined): UpdateCommand {
  const isNew = user === undefined;
  return new UpdateCommand({
    TableName: table,
    Key: { sub },
    ConditionExpression: isNew
      ? "attribute_not_exists(#sub)"
      : "#version = :version AND #schemaVersion = :ours",
    UpdateExpression: isNew
      ? "SET #schemaVersion = :moving, #nobody = :yes"
      : "SET #schemaVersion = :moving, #version = :next REMOVE #nobody",
    ExpressionAttributeNames: {
      "#schemaVersion": "schemaVersion",
      "#nobody": MOVING_NOBODY,
      ...(isNew ? { "#sub": "sub" } : { "#version": "version" }),
    },
    ExpressionAttributeValues: {
      ":moving": MOVING_VERSION,
      ...(isNew
        ? { ":yes": true }
        : { ":version": user.version, ":next": user.version + 1, ":ours": SCHEMA_VERSION }),
    },
  });
}

/** Attributes of other versions of this code stay. */
function mergeCommand(
  table: string,
  { user, movedFrom, cutoffs }: UserMerge,
  { user: seen }: MovableUser,
): UpdateCommand {
  const { erasure, signedOut, revocation } = cutoffs;
  const all = Object.entries({
    schemaVersion: SCHEMA_VERSION,
    claims: user.claims,
    attributes: user.attributes,
    claimsTokenHash: user.claimsTokenHash,
    claimsIat: user.claimsIssuedAt / 1000,
    userinfo: user.userinfo && { ...user.userinfo, at: toItemTime(user.userinfo.at) },
    createdAt: toItemTime(user.createdAt),
    updatedAt: toItemTime(user.updatedAt),
    version: user.version,
    movedFrom,
    ...(erasure && { erasedAt: toItemTime(erasure.at), erasedTokens: erasure.tokenHashes }),
    revocation,
    ...(signedOut && {
      signedOutAt: toItemTime(signedOut.at),
      signedOutTokens: signedOut.tokenHashes,
    }),
  }).filter(([, value]) => value !== undefined);
  return new UpdateCommand({
    TableName: table,
    Key: { sub: user.sub },
    ConditionExpression:
      seen === undefined
        ? "attribute_not_exists(#sub)"
        : "#version = :seen AND #schemaVersion = :schemaVersion",
    UpdateExpression: `SET ${all.map(([name]) => `#${name} = :${name}`).join(", ")}`,
    ExpressionAttributeNames: {
      ...Object.fromEntries(all.map(([name]) => [`#${name}`, name])),
      ...(seen === undefined && { "#sub": "sub" }),
    },
    ExpressionAttributeValues: {
      ...Object.fromEntries(all.map(([name, value]) => [`:${name}`, byStructure(value)])),
      ...(seen !== undefined && { ":seen": seen.version }),
    },
  });
}
