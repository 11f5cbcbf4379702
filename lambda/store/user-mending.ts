/**
 * Repairs a damaged record when its user signs in: claims come from the ID token, readable
 * attributes stay, unreadable ones are set aside, byte for byte, in an attribute that nothing
 * reads. Where the mark of an erasure or a sign-out is unreadable it is not repaired, since the ID
 * token may be older than that mark: the user can erase the record instead.
 */
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { InternalError } from "../errors";
import type { DamagedUser, EpochMs, User, VerifiedIdToken } from "../model";
import { byStructure } from "./by-structure";
import { toItemTime } from "./item-time";
import { SCHEMA_VERSION } from "./schema-version";
import { asSeen } from "./seen";
import { SET_ASIDE } from "./user-item";

/** Attributes of which every write of a user item changes at least one. */
const SEEN = ["schemaVersion", "version", "updatedAt", "erasedAt", "claimsIat"];

export function userSeen({ seen }: DamagedUser) {
  return asSeen(seen, SEEN);
}

export interface Mending {
  readonly damage: DamagedUser;
  readonly idToken: VerifiedIdToken;
  readonly now: EpochMs;
  readonly writeId: string;
}

/** @throws InternalError `damaged_item` */
export function mendCommand(
  table: string,
  { damage, idToken, now, writeId }: Mending,
): UpdateCommand {
  const { rest, unreadable, seen } = damage;
  if (unreadable.includes("erasure") || unreadable.includes("signedOut")) {
    throw new InternalError("damaged_item");
  }
  const { expression, names, values } = userSeen(damage);
  const isAside = unreadable.includes("attributes") && seen["attributes"] !== undefined;
  const isUserinfoGone = unreadable.includes("userinfo");
  const set = Object.entries({ ...wholeOf(rest, idToken, now), writeId });
  return new UpdateCommand({
    TableName: table,
    Key: { sub: idToken.sub },
    ConditionExpression: expression,
    UpdateExpression: [
      `SET ${set.map(([name]) => `#${name} = :${name}`).join(", ")}`,
      ...(isAside ? [`, #${SET_ASIDE} = #attributes`] : []),
      ...(isUserinfoGone ? [" REMOVE #userinfo"] : []),
    ].join(""),
    ExpressionAttributeNames: {
      ...names,
      ...Object.fromEntries(set.map(([name]) => [`#${name}`, name])),
      ...(isAside && { [`#${SET_ASIDE}`]: SET_ASIDE }),
      ...(isUserinfoGone && { "#userinfo": "userinfo" }),
    },
    ExpressionAttributeValues: {
      ...values,
      ...Object.fromEntries(set.map(([name, value]) => [`:${name}`, byStructure(value)])),
    },
    ReturnValues: "ALL_NEW",
  });
}

/** Newer claims stay, as they would in a whole record (S24). */
function wholeOf(rest: Partial<User>, idToken: VerifiedIdToken, now: EpochMs) {
  const { claims, claimsIssuedAt, claimsTokenHash } = rest;
  const kept =
    claims !== undefined && claimsIssuedAt !== undefined && claimsIssuedAt > idToken.issuedAt
      ? { claims, issuedAt: claimsIssuedAt, tokenHash: claimsTokenHash ?? idToken.tokenHash }
      : idToken;
  return {
    schemaVersion: SCHEMA_VERSION,
    claims: kept.claims,
    claimsIat: kept.issuedAt / 1000,
    claimsTokenHash: kept.tokenHash,
    attributes: rest.attributes ?? {},
    createdAt: toItemTime(rest.createdAt ?? now),
    updatedAt: toItemTime(now),
    version: (rest.version ?? 0) + 1,
  };
}
