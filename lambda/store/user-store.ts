/** User items: partition key `sub`, one conditional write each. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, UpdateCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import { UnavailableError } from "../errors";
import type { EpochMs, JsonValue, User, VerifiedIdToken } from "../model";
import type { UserStore } from "../ports";
import { itemTime, toItemTime } from "./item-time";
import { rethrow, storeError } from "./store-errors";

const SCHEMA_VERSION = 1;

const json = v.custom<Readonly<Record<string, JsonValue>>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

const itemSchema = v.object({
  schemaVersion: v.literal(SCHEMA_VERSION),
  sub: v.string(),
  claims: json,
  attributes: json,
  createdAt: itemTime,
  updatedAt: itemTime,
  /** Epoch seconds, as `iat`. */
  claimsIat: v.number(),
  version: v.number(),
});

export interface UserStoreOptions {
  readonly table: string;
  readonly client: DynamoDBDocumentClient;
}

/** @throws UnavailableError `store_unavailable` or `unknown_schema_version`; InternalError `store_denied`. */
export function createUserStore({ table, client }: UserStoreOptions): UserStore {
  async function find(sub: string): Promise<User | undefined> {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: { sub }, ConsistentRead: true }),
    );
    return Item === undefined ? undefined : toUser(Item);
  }

  return {
    async upsert(idToken, now) {
      try {
        const { Attributes } = await client.send(upsertCommand(table, idToken, now));
        const user = toUser(Attributes);
        return { user, created: user.version === 1 };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) {
          throw storeError(error);
        }
      }
      const user = await find(idToken.sub).catch(rethrow);
      if (user === undefined) {
        throw new UnavailableError("store_conflict");
      }
      return { user, created: false };
    },
    find: async (sub) => await find(sub).catch(rethrow),
    putAttributes: async (user, attributes, now) => {
      try {
        const { Attributes } = await client.send(
          attributesCommand(table, user, { attributes, now }),
        );
        return toUser(Attributes);
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          return undefined;
        }
        throw storeError(error);
      }
    },
  };
}

/**
 * Creates or updates, whichever it is, in one write: N first sign-ins at once make one item (S25), and claims of an older
 * token never replace newer ones (S24). An item of a schema that we do not know is left alone.
 */
function upsertCommand(table: string, idToken: VerifiedIdToken, now: EpochMs): UpdateCommand {
  const isNew = "attribute_not_exists(#sub)";
  const isNotOlder = "#claimsIat <= :claimsIat AND #schemaVersion = :schemaVersion";
  return new UpdateCommand({
    TableName: table,
    Key: { sub: idToken.sub },
    ConditionExpression: `${isNew} OR (${isNotOlder})`,
    UpdateExpression: [
      "SET #schemaVersion = :schemaVersion, #claims = :claims, #claimsIat = :claimsIat",
      "#attributes = if_not_exists(#attributes, :none)",
      "#createdAt = if_not_exists(#createdAt, :now), #updatedAt = :now",
      "#version = if_not_exists(#version, :zero) + :one",
    ].join(", "),
    ExpressionAttributeNames: {
      "#sub": "sub",
      "#schemaVersion": "schemaVersion",
      "#claims": "claims",
      "#claimsIat": "claimsIat",
      "#attributes": "attributes",
      "#createdAt": "createdAt",
      "#updatedAt": "updatedAt",
      "#version": "version",
    },
    ExpressionAttributeValues: {
      ":schemaVersion": SCHEMA_VERSION,
      ":claims": idToken.claims,
      ":claimsIat": idToken.issuedAt / 1000,
      ":none": {},
      ":now": toItemTime(now),
      ":zero": 0,
      ":one": 1,
    },
    ReturnValues: "ALL_NEW",
  });
}

/** Claims are not in it: the app's data and the provider's never touch. */
function attributesCommand(
  table: string,
  { sub, version }: User,
  { attributes, now }: { readonly attributes: User["attributes"]; readonly now: EpochMs },
): UpdateCommand {
  return new UpdateCommand({
    TableName: table,
    Key: { sub },
    ConditionExpression: "#version = :version AND #schemaVersion = :schemaVersion",
    UpdateExpression: "SET #attributes = :attributes, #updatedAt = :now, #version = :next",
    ExpressionAttributeNames: {
      "#version": "version",
      "#schemaVersion": "schemaVersion",
      "#attributes": "attributes",
      "#updatedAt": "updatedAt",
    },
    ExpressionAttributeValues: {
      ":version": version,
      ":next": version + 1,
      ":schemaVersion": SCHEMA_VERSION,
      ":attributes": attributes,
      ":now": toItemTime(now),
    },
    ReturnValues: "ALL_NEW",
  });
}

function toUser(item: unknown): User {
  const result = v.safeParse(itemSchema, item);
  if (!result.success) {
    throw new UnavailableError("unknown_schema_version");
  }
  const { sub, claims, attributes, createdAt, updatedAt, claimsIat, version } = result.output;
  const claimsIssuedAt = claimsIat * 1000;
  return { sub, claims, attributes, createdAt, updatedAt, claimsIssuedAt, version };
}
