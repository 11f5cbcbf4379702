/**
 * Session items: partition key `tokenHash`, found by `sub` through an index. DynamoDB deletes them
 * some time after they have expired.
 */
import { type AttributeValue, QueryCommand } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import { SESSIONS_OF_USER_INDEX } from "../facts";
import type { Session } from "../model";
import type { SessionEntry, SessionPageRequest, SessionStore } from "../ports/stores";
import type { TableOptions } from "./dynamodb";
import { itemTime, toItemTime } from "./item-time";
import { isOfThisVersion, SCHEMA_VERSION } from "./schema-version";
import { rethrow } from "./store-errors";
import { succeeds } from "./succeeds";

/** The latest time of a `Date` (ECMA-262 section 21.4.1.1), in seconds. */
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

export function createSessionStore({ table, client }: TableOptions): SessionStore {
  const TableName = table;

  return {
    create: async (session) => {
      const ConditionExpression = "attribute_not_exists(tokenHash)";
      const command = new PutCommand({ TableName, Item: toItem(session), ConditionExpression });
      // 256 random bits do not collide: an item that exists is this call's own write, whose
      // answer was lost (S50).
      await succeeds(client.send(command));
    },
    find: async (tokenHash) => {
      const { Item } = await client
        .send(new GetCommand({ TableName, Key: { tokenHash }, ConsistentRead: true }))
        .catch(rethrow);
      // An unreadable session authenticates no one, and can still be ended.
      return Item === undefined ? undefined : toSession(Item);
    },
    touch: async (session) => {
      // Otherwise the session has ended in the meantime, and stays ended.
      await succeeds(client.send(touchCommand(table, session)));
    },
    page: async (sub, request) => {
      const { Items = [], LastEvaluatedKey } = await client
        .send(pageCommand(table, sub, request))
        .catch(rethrow);
      return { entries: Items.map(toEntry), next: LastEvaluatedKey?.["tokenHash"]?.S };
    },
    end: async (tokenHash) => {
      await client.send(new DeleteCommand({ TableName, Key: { tokenHash } })).catch(rethrow);
    },
  };
}

/** Other attributes are not fetched. */
const FETCHED = ["schemaVersion", ...Object.keys(itemSchema.entries)];

/**
 * The low-level command: the document client would fail for a whole page over one value that it
 * cannot convert.
 */
function pageCommand(
  table: string,
  sub: string,
  { limit, after }: SessionPageRequest,
): QueryCommand {
  return new QueryCommand({
    TableName: table,
    IndexName: SESSIONS_OF_USER_INDEX,
    KeyConditionExpression: "#sub = :sub",
    ProjectionExpression: FETCHED.map((name) => `#${name}`).join(", "),
    ExpressionAttributeNames: Object.fromEntries(FETCHED.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: { ":sub": { S: sub } },
    Limit: limit,
    ...(after !== undefined && {
      ExclusiveStartKey: { sub: { S: sub }, tokenHash: { S: after } },
    }),
  });
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

type RawItem = Readonly<Record<string, AttributeValue>>;

/** A session has only strings and numbers; any other type is damage. */
function toEntry(item: RawItem): SessionEntry {
  const values = Object.entries(item).map(([name, { S, N }]) => [
    name,
    S ?? (N === undefined ? undefined : Number(N)),
  ]);
  return {
    tokenHash: item["tokenHash"]?.S ?? "",
    session: readSession(Object.fromEntries(values) as Readonly<Record<string, unknown>>),
  };
}

/**
 * @returns undefined for an item without the attributes of a new session, or a damaged one: it
 * authenticates no one
 * @throws UnavailableError `unknown_schema_version`
 */
function toSession(item: Readonly<Record<string, unknown>>): Session | undefined {
  isOfThisVersion(item);
  return readSession(item);
}

function readSession(item: Readonly<Record<string, unknown>>): Session | undefined {
  const result = v.safeParse(itemSchema, item);
  if (!result.success || item["schemaVersion"] !== SCHEMA_VERSION) {
    return undefined;
  }
  const { provedAt, idTokenHash, expiresAt, ...rest } = result.output;
  const openedBy = { at: provedAt, tokenHash: idTokenHash };
  return { ...rest, openedBy, expiresAt: expiresAt * 1000 };
}
