/** User items: partition key `sub`, one conditional write each. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, UpdateCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { assertCurrent } from "../cutoff";
import { UnavailableError } from "../errors";
import type { Cutoff, EpochMs, Evidence, User, UserRecord, VerifiedIdToken } from "../model";
import type { UserStore } from "../ports";
import { byStructure } from "./by-structure";
import { toItemTime } from "./item-time";
import { rethrow, storeError } from "./store-errors";
import { SCHEMA_VERSION, toRecord } from "./user-item";
import { mendCommand } from "./user-mending";

const MAX_CONFLICTS = 3;

export interface UserStoreOptions {
  readonly table: string;
  readonly client: DynamoDBDocumentClient;
}

/** @throws UnavailableError `store_unavailable` or `unknown_schema_version`; InternalError `store_denied` or `damaged_item`. */
export function createUserStore({ table, client }: UserStoreOptions): UserStore {
  const find = createFindUser({ table, client });

  /** What the item is now; undefined where the condition does not hold. */
  async function update(command: UpdateCommand): Promise<UserRecord | undefined> {
    try {
      const { Attributes } = await client.send(command);
      return toRecord(Attributes);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return undefined;
      }
      throw storeError(error);
    }
  }

  return {
    async upsert(idToken, evidence, now) {
      for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
        const written = await update(upsertCommand(table, { idToken, evidence, now }));
        const record = written ?? (await find(idToken.sub));
        if (written === undefined) {
          assertCurrent(evidence, record);
        }
        const { damage } = record;
        const whole =
          damage === undefined
            ? record
            : await update(mendCommand(table, { damage, idToken, now }));
        if (whole !== undefined) {
          const { user, ...cutoffs } = present(whole);
          // A version that was lost begins anew, too, and its user is no new one.
          const isNew = written !== undefined && user.version === 1 && user.createdAt === now;
          return { ...cutoffs, user, created: isNew };
        }
      }
      throw new UnavailableError("store_conflict");
    },
    find,
    putAttributes: async (user, attributes, now) =>
      (await update(memberCommand(table, user, { name: "attributes", value: attributes, now })))
        ?.user,
    putUserinfo: async (user, { claims, at }, now) => {
      const value = { claims, at: toItemTime(at) };
      return (await update(memberCommand(table, user, { name: "userinfo", value, now })))?.user;
    },
    signOut: async (user, signedOut) =>
      (await update(signOutCommand(table, user, signedOut))) !== undefined,
  };
}

/** Strongly consistent. */
export function createFindUser({ table, client }: UserStoreOptions) {
  return async (sub: string): Promise<UserRecord> => {
    const { Item } = await client
      .send(new GetCommand({ TableName: table, Key: { sub }, ConsistentRead: true }))
      .catch(rethrow);
    return toRecord(Item);
  };
}

/** A user that went away between two calls: whoever tries again finds out why. */
function present({ user, erasure, signedOut }: UserRecord) {
  if (user === undefined) {
    throw new UnavailableError("store_conflict");
  }
  return { user, erasure, signedOut };
}

interface Upsert {
  readonly idToken: VerifiedIdToken;
  readonly evidence: Evidence;
  readonly now: EpochMs;
}

/**
 * Creates or updates, whichever it is, in one write: N first sign-ins at once make one item (S25), and claims of an older
 * token never replace newer ones (S24), nor does one from before an erasure, or from before the user signed out
 * everywhere, do anything. An item of a schema that we do not know is left alone.
 */
function upsertCommand(table: string, { idToken, evidence, now }: Upsert): UpdateCommand {
  const isNew = "attribute_not_exists(#sub)";
  // Of an item that says so and is not whole: the sum below would be an error, which tells nobody that it can be mended.
  const isCounted = "(attribute_not_exists(#version) OR attribute_type(#version, :number))";
  const isKnown = "#schemaVersion = :schemaVersion";
  const isNotOlder = "(attribute_not_exists(#claimsIat) OR #claimsIat <= :claimsIat)";
  const isAfter = (at: string, tokens: string) =>
    `(attribute_not_exists(${at}) OR (${at} < :evidenceAt AND NOT contains(${tokens}, :evidenceHash)))`;
  const isAlive = isAfter("#erasedAt", "#erasedTokens");
  const isCurrent = isAfter("#signedOutAt", "#signedOutTokens");
  return new UpdateCommand({
    TableName: table,
    Key: { sub: idToken.sub },
    ConditionExpression: `${isNew} OR (${[isKnown, isCounted, isNotOlder, isAlive, isCurrent].join(" AND ")})`,
    UpdateExpression: [
      "SET #schemaVersion = :schemaVersion, #claims = :claims, #claimsIat = :claimsIat",
      "#claimsTokenHash = :tokenHash",
      "#attributes = if_not_exists(#attributes, :none)",
      "#createdAt = if_not_exists(#createdAt, :now), #updatedAt = :now",
      "#version = if_not_exists(#version, :zero) + :one",
    ].join(", "),
    ExpressionAttributeNames: {
      "#sub": "sub",
      "#schemaVersion": "schemaVersion",
      "#claims": "claims",
      "#claimsIat": "claimsIat",
      "#claimsTokenHash": "claimsTokenHash",
      "#erasedAt": "erasedAt",
      "#erasedTokens": "erasedTokens",
      "#signedOutAt": "signedOutAt",
      "#signedOutTokens": "signedOutTokens",
      "#attributes": "attributes",
      "#createdAt": "createdAt",
      "#updatedAt": "updatedAt",
      "#version": "version",
    },
    ExpressionAttributeValues: {
      ":schemaVersion": SCHEMA_VERSION,
      ":claims": byStructure(idToken.claims),
      ":claimsIat": idToken.issuedAt / 1000,
      ":tokenHash": idToken.tokenHash,
      ":evidenceAt": toItemTime(evidence.at),
      // No hash is empty, so what has none is on no list.
      ":evidenceHash": evidence.tokenHash ?? "",
      ":none": {},
      ":now": toItemTime(now),
      ":number": "N",
      ":zero": 0,
      ":one": 1,
    },
    ReturnValues: "ALL_NEW",
  });
}

/** One member and nothing else: the app's data and the provider's never touch. */
function memberCommand(
  table: string,
  { sub, version }: User,
  {
    name,
    value,
    now,
  }: { readonly name: "attributes" | "userinfo"; readonly value: object; readonly now: EpochMs },
): UpdateCommand {
  return new UpdateCommand({
    TableName: table,
    Key: { sub },
    ConditionExpression: "#version = :version AND #schemaVersion = :schemaVersion",
    UpdateExpression: "SET #member = :value, #updatedAt = :now, #version = :next",
    ExpressionAttributeNames: {
      "#version": "version",
      "#schemaVersion": "schemaVersion",
      "#member": name,
      "#updatedAt": "updatedAt",
    },
    ExpressionAttributeValues: {
      ":version": version,
      ":next": version + 1,
      ":schemaVersion": SCHEMA_VERSION,
      ":value": byStructure(value),
      ":now": toItemTime(now),
    },
    ReturnValues: "ALL_NEW",
  });
}

/** Beside whatever else the item holds, so that code which does not know of it leaves it alone. */
function signOutCommand(
  table: string,
  { sub, version }: User,
  { at, tokenHashes }: Cutoff,
): UpdateCommand {
  return new UpdateCommand({
    TableName: table,
    Key: { sub },
    ConditionExpression: "#version = :version AND #schemaVersion = :schemaVersion",
    UpdateExpression: "SET #signedOutAt = :at, #signedOutTokens = :tokens, #version = :next",
    ExpressionAttributeNames: {
      "#version": "version",
      "#schemaVersion": "schemaVersion",
      "#signedOutAt": "signedOutAt",
      "#signedOutTokens": "signedOutTokens",
    },
    ExpressionAttributeValues: {
      ":version": version,
      ":next": version + 1,
      ":schemaVersion": SCHEMA_VERSION,
      ":at": toItemTime(at),
      ":tokens": [...tokenHashes],
    },
    ReturnValues: "ALL_NEW",
  });
}
