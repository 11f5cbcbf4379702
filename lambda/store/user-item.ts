/**
 * A user as an item in DynamoDB, and the tombstone of an erased one: `sub`, `erasedAt`, hashes of
 * ID tokens known by then, and `revocation` (what became of the refresh token). While an erasure is
 * unfinished it has `erasing` in the place of `revocation`, which puts it into a sparse index.
 *
 * `signedOutAt` and `signedOutTokens` say when the user last signed out everywhere; an erasure
 * includes them in its own cutoff.
 */
import * as v from "valibot";
import { MOVED_TOKENS } from "../facts";
import type { Cutoff, DamagedUser, Erasure, JsonValue, User, UserRecord } from "../model";
import { itemTime, toItemTime } from "./item-time";
import { isOfThisVersion, readEach, SCHEMA_VERSION } from "./schema-version";

export const ERASING = "erasing";
/** Where unreadable attributes are set aside when the user signs in. */
export const SET_ASIDE = "unreadableAttributes";

type JsonObject = Readonly<Record<string, JsonValue>>;

const json = v.custom<JsonObject>((value) => isJson(value) && isObject(value));

/** Each attribute is parsed by itself, so that a damaged one says nothing about the others. */
const attributes = {
  claims: json,
  attributes: json,
  createdAt: itemTime,
  updatedAt: itemTime,
  /** Epoch seconds, as `iat`. */
  claimsIat: v.pipe(v.number(), v.safeInteger()),
  claimsTokenHash: v.optional(v.string()),
  userinfo: v.optional(v.object({ claims: json, at: itemTime })),
  version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
};

const userSchema = v.object({ sub: v.string(), ...attributes });

const erasureSchema = v.object({
  erasedAt: itemTime,
  erasedTokens: v.array(v.string()),
  revocation: v.optional(v.picklist(["revoked", "not_revoked", "no_endpoint", "no_token"])),
});

const signedOutSchema = v.object({
  signedOutAt: v.optional(itemTime),
  signedOutTokens: v.optional(v.array(v.string()), []),
});

const movedSchema = v.object({
  movedTo: v.optional(
    v.object({
      id: v.string(),
      sub: v.string(),
      hadRecord: v.boolean(),
      sessionsEnded: v.number(),
      refreshToken: v.picklist(MOVED_TOKENS),
    }),
  ),
  movedFrom: v.optional(
    v.object({
      id: v.string(),
      isNew: v.boolean(),
      kept: v.array(v.string()),
      dropped: v.array(v.string()),
    }),
  ),
});

/** The marks of an erasure. An unreadable one must not count as none. */
const ERASURE = ["erasedAt", "erasedTokens", "revocation", ERASING];

type Item = Readonly<Record<string, unknown>>;

/** @throws UnavailableError `unknown_schema_version` */
export function toRecord(item: Item | undefined): UserRecord {
  if (item === undefined) {
    return { user: undefined, erasure: undefined, revocation: undefined };
  }
  const isOurs = isOfThisVersion(item);
  const isUser = isAnyIn(item, Object.keys(attributes));
  const isErased = isAnyIn(item, ERASURE);
  const user = v.safeParse(userSchema, item);
  const erased = v.safeParse(erasureSchema, item);
  const signedOut = v.safeParse(signedOutSchema, item);
  const isErasureWhole = erased.success || !isErased;
  const isWhole = (user.success || !isUser) && isErasureWhole && signedOut.success;
  // Where it is unreadable, a moved record looks erased; nothing worse happens.
  const moved = v.safeParse(movedSchema, item);
  const told = {
    erasure: erased.success ? toErasure(erased.output) : undefined,
    signedOut: signedOut.success ? toSignedOut(signedOut.output) : undefined,
    revocation: erased.success ? erased.output.revocation : undefined,
    ...(moved.success && moved.output),
  };
  const lostMarks = [
    ...(isErasureWhole ? [] : ["erasure"]),
    ...(signedOut.success ? [] : ["signedOut"]),
  ];
  return isOurs && isWhole && (isUser || isErased)
    ? { ...told, user: user.success ? toUser(item, user.output) : undefined }
    : { ...told, user: undefined, damage: toDamage(item, lostMarks) };
}

function toUser(item: Item, { claimsIat, ...user }: v.InferOutput<typeof userSchema>): User {
  const hasSetAside = item[SET_ASIDE] !== undefined;
  return {
    ...user,
    claimsIssuedAt: claimsIat * 1000,
    claimsTokenHash: user.claimsTokenHash,
    ...(hasSetAside && { hasSetAside }),
  };
}

/** @param lostMarks unreadable cutoffs */
function toDamage(item: Item, lostMarks: readonly string[]): DamagedUser {
  const { readable, unreadable } = readEach(attributes, item);
  const { claimsIat, ...rest } = readable as Partial<v.InferOutput<typeof userSchema>>;
  return {
    rest: { ...rest, ...(claimsIat !== undefined && { claimsIssuedAt: claimsIat * 1000 }) },
    unreadable: [
      ...unreadable,
      ...lostMarks,
      ...(item["schemaVersion"] === SCHEMA_VERSION ? [] : ["schemaVersion"]),
    ],
    seen: item,
  };
}

function toErasure({ erasedAt, erasedTokens }: v.InferOutput<typeof erasureSchema>): Erasure {
  return { at: erasedAt, tokenHashes: erasedTokens };
}

function toSignedOut({
  signedOutAt,
  signedOutTokens,
}: v.InferOutput<typeof signedOutSchema>): Cutoff | undefined {
  return signedOutAt === undefined ? undefined : { at: signedOutAt, tokenHashes: signedOutTokens };
}

export function toTombstone(sub: string, { at, tokenHashes }: Erasure) {
  return {
    sub,
    schemaVersion: SCHEMA_VERSION,
    erasedAt: toItemTime(at),
    erasedTokens: [...tokenHashes],
    erasing: ERASING,
  };
}

function isAnyIn(item: Item, names: readonly string[]): boolean {
  return names.some((name) => item[name] !== undefined);
}

/** DynamoDB has types that JSON has not: bytes, sets, numbers beyond a double. */
function isJson(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.every(isJson);
  }
  return isObject(value)
    ? Object.values(value).every(isJson)
    : value === null || ["string", "number", "boolean"].includes(typeof value);
}

function isObject(value: unknown): value is object {
  const prototype: unknown =
    typeof value === "object" && value !== null ? Object.getPrototypeOf(value) : undefined;
  return prototype === Object.prototype;
}
