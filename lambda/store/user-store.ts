/**
 * User items: partition key `sub`, one conditional write each.
 *
 * Invariant: each write leaves its own `writeId`. A write that the SDK repeats after a lost
 * response is recognised by it, and counts once (S50).
 */
import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { assertCurrent } from "../cutoff";
import { UnavailableError } from "../errors";
import type { EpochMs, Evidence, User, UserRecord, VerifiedIdToken } from "../model";
import type { UserStore } from "../ports/stores";
import { byStructure } from "./by-structure";
import type { TableOptions } from "./dynamodb";
import { toItemTime } from "./item-time";
import { readItem } from "./read-item";
import { SCHEMA_VERSION } from "./schema-version";
import { storeError } from "./store-errors";
import { toRecord } from "./user-item";
import { mendCommand } from "./user-mending";

const MAX_CONFLICTS = 3;
const NOBODY = toRecord(undefined);

/**
 * @throws UnavailableError `store_unavailable` or `unknown_schema_version`; InternalError
 * `store_denied` or `damaged_item`.
 */
export function createUserStore({ table, client }: TableOptions): UserStore {
  const read = createReadUser({ table, client });

  /** @returns the item as written; undefined where the condition does not hold */
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

  /** The same; a write that was applied although its answer was lost counts as written (S50). */
  async function change(user: User, changing: Changing): Promise<User | undefined> {
    const writeId = randomUUID();
    const written = await update(changeCommand(table, user, { ...changing, writeId }));
    if (written !== undefined) {
      return present(written).user;
    }
    const { record, lastWrite } = await read(user.sub);
    return lastWrite === writeId ? record.user : undefined;
  }

  return {
    upsert: async (idToken, evidence, now) => {
      const writeId = randomUUID();
      for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
        const written = await update(upsertCommand(table, { idToken, evidence, now, writeId }));
        const found = written === undefined ? await read(idToken.sub) : undefined;
        const record = written ?? found?.record ?? NOBODY;
        const isOurs = written !== undefined || found?.lastWrite === writeId;
        if (!isOurs) {
          assertCurrent(evidence, record);
        }
        const { damage } = record;
        const whole =
          damage === undefined
            ? record
            : await update(mendCommand(table, { damage, idToken, now, writeId }));
        if (whole !== undefined) {
          const { user, ...cutoffs } = present(whole);
          // A lost version starts at 1 again, and its user is not new.
          const isNew = isOurs && user.version === 1 && user.createdAt === now;
          return { ...cutoffs, user, created: isNew };
        }
      }
      throw new UnavailableError("store_conflict");
    },
    find: async (sub) => (await read(sub)).record,
    putAttributes: async (user, attributes, now) =>
      await change(user, {
        set: { attributes: byStructure(attributes), updatedAt: toItemTime(now) },
      }),
    putUserinfo: async (user, { claims, at }, now) => {
      const userinfo = byStructure({ claims, at: toItemTime(at) });
      return await change(user, { set: { userinfo, updatedAt: toItemTime(now) } });
    },
    // In attributes of their own, so that code which does not know them leaves them alone.
    signOut: async (user, { at, tokenHashes }) => {
      const set = { signedOutAt: toItemTime(at), signedOutTokens: [...tokenHashes] };
      return (await change(user, { set })) !== undefined;
    },
  };
}

/** Strongly consistent. */
export function createFindUser(options: TableOptions) {
  const read = createReadUser(options);
  return async (sub: string): Promise<UserRecord> => (await read(sub)).record;
}

interface ReadUser {
  readonly record: UserRecord;
  /** `writeId` of the last write that had one. */
  readonly lastWrite: unknown;
}

function createReadUser(options: TableOptions) {
  return async (sub: string): Promise<ReadUser> => {
    const item = await readItem(options, sub);
    return { record: toRecord(item), lastWrite: item?.["writeId"] };
  };
}

/** An item removed between two calls: the next attempt finds out why. */
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
  /** One for each call; the SDK's repetitions have the same. */
  readonly writeId: string;
}

/**
 * Creates or updates in one write. N first sign-ins at once make one item (S25); claims of an older
 * ID token never replace newer ones (S24); an ID token from before an erasure or a sign-out
 * everywhere changes nothing; an item of an unknown schema is left alone.
 */
function upsertCommand(table: string, { idToken, evidence, now, writeId }: Upsert): UpdateCommand {
  const isNew = "attribute_not_exists(#sub)";
  // A damaged item may have a `version` that is no number. The sum below would then be an error
  // that does not say that the item can be repaired.
  const isCounted = "(attribute_not_exists(#version) OR attribute_type(#version, :number))";
  const isKnown = "#schemaVersion = :schemaVersion";
  const isNotOlder = "(attribute_not_exists(#claimsIat) OR #claimsIat <= :claimsIat)";
  const isAfter = (at: string, tokens: string) =>
    `(attribute_not_exists(${at}) OR ` +
    `(${at} < :evidenceAt AND NOT contains(${tokens}, :evidenceHash)))`;
  const isAlive = isAfter("#erasedAt", "#erasedTokens");
  const isCurrent = isAfter("#signedOutAt", "#signedOutTokens");
  // Not a repetition by the SDK, which would count the version twice.
  const isFirst = "(attribute_not_exists(#writeId) OR #writeId <> :writeId)";
  const all = [isKnown, isFirst, isCounted, isNotOlder, isAlive, isCurrent].join(" AND ");
  return new UpdateCommand({
    TableName: table,
    Key: { sub: idToken.sub },
    ConditionExpression: `${isNew} OR (${all})`,
    UpdateExpression: [
      "SET #schemaVersion = :schemaVersion, #claims = :claims, #claimsIat = :claimsIat",
      "#claimsTokenHash = :tokenHash",
      "#attributes = if_not_exists(#attributes, :none)",
      "#createdAt = if_not_exists(#createdAt, :now), #updatedAt = :now",
      "#version = if_not_exists(#version, :zero) + :one, #writeId = :writeId",
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
      "#writeId": "writeId",
    },
    ExpressionAttributeValues: {
      ":schemaVersion": SCHEMA_VERSION,
      ":writeId": writeId,
      ":claims": byStructure(idToken.claims),
      ":claimsIat": idToken.issuedAt / 1000,
      ":tokenHash": idToken.tokenHash,
      ":evidenceAt": toItemTime(evidence.at),
      // No hash is empty, so evidence without one is on no list.
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

interface Changing {
  /** Names and values of `SET`: the app's data, the provider's claims and cutoffs stay apart. */
  readonly set: Readonly<Record<string, unknown>>;
}

/** Compare-and-set on the version. */
function changeCommand(
  table: string,
  { sub, version }: User,
  { set, writeId }: Changing & { readonly writeId: string },
): UpdateCommand {
  const all = Object.entries({ ...set, writeId });
  const assignments = all.map(([name]) => `#${name} = :${name}`).join(", ");
  return new UpdateCommand({
    TableName: table,
    Key: { sub },
    ConditionExpression: "#version = :version AND #schemaVersion = :schemaVersion",
    UpdateExpression: `SET ${assignments}, #version = :next`,
    ExpressionAttributeNames: {
      "#version": "version",
      "#schemaVersion": "schemaVersion",
      ...Object.fromEntries(all.map(([name]) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: {
      ":version": version,
      ":next": version + 1,
      ":schemaVersion": SCHEMA_VERSION,
      ...Object.fromEntries(all.map(([name, value]) => [`:${name}`, value])),
    },
    ReturnValues: "ALL_NEW",
  });
}
