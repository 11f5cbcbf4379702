/** Session items: partition key `tokenHash`, found by `sub` through an index, deleted by DynamoDB some time after they have run out. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import { UnavailableError } from "../errors";
import type { Session } from "../model";
import type { SessionStore } from "../ports";
import { itemTime, toItemTime } from "./item-time";
import { rethrow, storeError } from "./store-errors";

const SCHEMA_VERSION = 1;
const BY_SUB = "bySub";
const PAGE = 200;

/** Of every item that was made as a session; one that was only touched has none (written-attributes.ts). */
const madeSchema = v.object({ schemaVersion: v.unknown() });
const knownSchema = v.object({ schemaVersion: v.literal(SCHEMA_VERSION) });

const itemSchema = v.object({
  tokenHash: v.string(),
  id: v.string(),
  sub: v.string(),
  provedAt: itemTime,
  idTokenHash: v.optional(v.string()),
  createdAt: itemTime,
  lastSeenAt: itemTime,
  idleExpiresAt: itemTime,
  /** Epoch seconds: DynamoDB's time to live. */
  expiresAt: v.number(),
  userAgent: v.string(),
});

export interface SessionStoreOptions {
  readonly table: string;
  readonly client: DynamoDBDocumentClient;
}

export function createSessionStore({ table, client }: SessionStoreOptions): SessionStore {
  const TableName = table;

  return {
    create: async (session) => {
      // The condition is for form's sake: 256 random bits do not meet twice.
      const ConditionExpression = "attribute_not_exists(tokenHash)";
      await client
        .send(new PutCommand({ TableName, Item: toItem(session), ConditionExpression }))
        .catch(rethrow);
    },
    find: async (tokenHash) => {
      const { Item } = await client
        .send(new GetCommand({ TableName, Key: { tokenHash }, ConsistentRead: true }))
        .catch(rethrow);
      return Item === undefined ? undefined : toSession(Item);
    },
    touch: async (session) => {
      await client.send(touchCommand(table, session)).catch((error: unknown) => {
        // Ended meanwhile: whoever ended it wins.
        if (!(error instanceof ConditionalCheckFailedException)) {
          throw storeError(error);
        }
      });
    },
    listOf: async (sub) => {
      const sessions: Session[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const page = await client
          .send(
            new QueryCommand({
              TableName,
              IndexName: BY_SUB,
              KeyConditionExpression: "#sub = :sub",
              ExpressionAttributeNames: { "#sub": "sub" },
              ExpressionAttributeValues: { ":sub": sub },
              Limit: PAGE,
              ...(ExclusiveStartKey && { ExclusiveStartKey }),
            }),
          )
          .catch(rethrow);
        sessions.push(...(page.Items ?? []).map(toSession).filter((each) => each !== undefined));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      return sessions;
    },
    end: async (tokenHash) => {
      await client.send(new DeleteCommand({ TableName, Key: { tokenHash } })).catch(rethrow);
    },
  };
}

function touchCommand(table: string, session: Session): UpdateCommand {
  const { lastSeenAt, idleExpiresAt } = toItem(session);
  return new UpdateCommand({
    TableName: table,
    Key: { tokenHash: session.tokenHash },
    ConditionExpression: "attribute_exists(tokenHash)",
    UpdateExpression: "SET lastSeenAt = :lastSeenAt, idleExpiresAt = :idleExpiresAt",
    ExpressionAttributeValues: { ":lastSeenAt": lastSeenAt, ":idleExpiresAt": idleExpiresAt },
  });
}

function toItem(session: Session) {
  return {
    schemaVersion: SCHEMA_VERSION,
    tokenHash: session.tokenHash,
    id: session.id,
    sub: session.sub,
    provedAt: toItemTime(session.openedBy.at),
    idTokenHash: session.openedBy.tokenHash,
    createdAt: toItemTime(session.createdAt),
    lastSeenAt: toItemTime(session.lastSeenAt),
    idleExpiresAt: toItemTime(session.idleExpiresAt),
    expiresAt: Math.floor(session.expiresAt / 1000),
    userAgent: session.userAgent,
  };
}

/** @returns undefined for what nobody made as a session: it is nobody's */
function toSession(item: unknown): Session | undefined {
  if (!v.is(madeSchema, item)) {
    return undefined;
  }
  const result = v.safeParse(itemSchema, item);
  if (!result.success || !v.is(knownSchema, item)) {
    throw new UnavailableError("unknown_schema_version");
  }
  const { provedAt, idTokenHash, expiresAt, ...rest } = result.output;
  const openedBy = { at: provedAt, tokenHash: idTokenHash };
  return { ...rest, openedBy, expiresAt: expiresAt * 1000 };
}
