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
import { isOfThisVersion, SCHEMA_VERSION } from "./schema-version";
import { rethrow, storeError } from "./store-errors";

const BY_SUB = "bySub";
const PAGE = 200;

const knownSchema = v.object({ schemaVersion: v.literal(SCHEMA_VERSION) });

/** What `Date` holds (ECMA-262 section 21.4.1.1), in seconds. */
const MAX_SECONDS = 8.64e12;

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
  expiresAt: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_SECONDS)),
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
      // One that cannot be read is nobody's, and can still be ended.
      return Item === undefined || isDamaged(Item) ? undefined : toSession(Item);
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
        sessions.push(...(page.Items ?? []).map(toSession));
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

/** @throws UnavailableError `unknown_schema_version` where it is of a later version */
function isDamaged(item: Readonly<Record<string, unknown>>): boolean {
  return !isOfThisVersion(item) || !v.is(itemSchema, item);
}

function toSession(item: unknown): Session {
  const result = v.safeParse(itemSchema, item);
  if (!result.success || !v.is(knownSchema, item)) {
    throw new UnavailableError("unknown_schema_version");
  }
  const { provedAt, idTokenHash, expiresAt, ...rest } = result.output;
  const openedBy = { at: provedAt, tokenHash: idTokenHash };
  return { ...rest, openedBy, expiresAt: expiresAt * 1000 };
}
