/**
 * User items: partition key `sub`, one conditional write each.
 *
 * Invariant: each write leaves a `writeId` of its own, so one that was applied although its answer
 * was lost is known by it when the SDK repeats it, and counts once (S50).
 */
import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { TableOptions } from "./dynamodb";
import { assertCurrent } from "../cutoff";
import { UnavailableError } from "../errors";
import type { EpochMs, Evidence, User, UserRecord, VerifiedIdToken } from "../model";
import type { UserStore } from "../ports/stores";
import { byStructure } from "./by-structure";
import { toItemTime } from "./item-time";
import { readItem } from "./read-item";
import { storeError } from "./store-errors";
import { toRecord } from "./user-item";
import { SCHEMA_VERSION } from "./schema-version";
import { mendCommand } from "./user-mending";

const MAX_CONFLICTS = 3;
const NOBODY = toRecord(undefined);

/**
 * @throws UnavailableError `store_unavailable` or `unknown_schema_version`; InternalError
 * `store_denied` or `damaged_item`.
 */
export function createUserStore({ table, client }: TableOptions): UserStore {
  const read = createReadUser({ table, client });

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

  /**
   * The same; what was written although the answer was lost, and is repeated by the SDK, is written
   * (S50).
   */
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
    async upsert(idToken, evidence, now) {
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
          // A version that was lost begins anew, too, and its user is no new one.
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
    // Beside what else the item holds, so that code which does not know of it leaves it alone.
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
  /** New with each call, the same in each repetition of it by the SDK. */
  readonly writeId: string;
}

/**
 * Creates or updates, whichever it is, in one write: N first sign-ins at once make one item (S25),
 * and claims of an older token never replace newer ones (S24), nor does one from before an erasure,
 * or from before the user signed out everywhere, do anything. An item of a schema that we do not
 * know is left alone.
 */
function upsertCommand(table: string, { idToken, evidence, now, writeId }: Upsert): UpdateCommand {
  const isNew = "attribute_not_exists(#sub)";
  // Of an item that says so and is not whole: the sum below would be an error, which tells nobody
  // that it can be mended.
  const isCounted = "(attribute_not_exists(#version) OR attribute_type(#version, :number))";
  const isKnown = "#schemaVersion = :schemaVersion";
  const isNotOlder = "(attribute_not_exists(#claimsIat) OR #claimsIat <= :claimsIat)";
  const isAfter = (at: string, tokens: string) =>
    `(attribute_not_exists(${at}) OR (${at} < :evidenceAt AND NOT contains(${tokens}, :evidenceHash)))`;
  const isAlive = isAfter("#erasedAt", "#erasedTokens");
  const isCurrent = isAfter("#signedOutAt", "#signedOutTokens");
  // A repetition by the SDK, whose first answer was lost: it would count the version twice.
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

interface Changing {
  /**
   * Attributes and nothing else: the app's data, the provider's and what counts no more never
   * touch.
   */
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
