/**
 * A user as it lies in DynamoDB, and what is left when the user is erased: `sub`, `erasedAt`, hashes of ID tokens known by then, and what became of
 * the refresh token (absent while the erasure is unfinished; then `erasing` puts the item into the sparse index that finds such ones).
 * `signedOutAt` and `signedOutTokens` say when the user last signed out everywhere; an erasure takes them up into its own.
 */
import * as v from "valibot";
import { UnavailableError } from "../errors";
import type { Cutoff, Erasure, JsonValue, UserRecord } from "../model";
import { itemTime, toItemTime } from "./item-time";

export const SCHEMA_VERSION = 1;
/** Few are ever unfinished at once: one partition holds them. */
export const ERASING = "erasing";

const json = v.custom<Readonly<Record<string, JsonValue>>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

const knownSchema = v.object({ schemaVersion: v.literal(SCHEMA_VERSION) });

const userSchema = v.object({
  sub: v.string(),
  claims: json,
  attributes: json,
  createdAt: itemTime,
  updatedAt: itemTime,
  /** Epoch seconds, as `iat`. */
  claimsIat: v.number(),
  claimsTokenHash: v.optional(v.string()),
  userinfo: v.optional(v.object({ claims: json, at: itemTime })),
  version: v.number(),
});

const erasureSchema = v.object({
  erasedAt: itemTime,
  erasedTokens: v.array(v.string()),
  revocation: v.optional(v.picklist(["revoked", "not_revoked", "no_endpoint", "no_token"])),
});

const signedOutSchema = v.object({
  signedOutAt: v.optional(itemTime),
  signedOutTokens: v.optional(v.array(v.string()), []),
});

/** @throws UnavailableError `unknown_schema_version` */
export function toRecord(item: unknown): UserRecord {
  if (item === undefined) {
    return { user: undefined, erasure: undefined, revocation: undefined };
  }
  const isUser = v.is(v.object({ version: v.number() }), item);
  const isErased = v.is(v.object({ erasedAt: v.string() }), item);
  const user = v.safeParse(userSchema, item);
  const erased = v.safeParse(erasureSchema, item);
  const signedOut = v.safeParse(signedOutSchema, item);
  const isWhole = (user.success || !isUser) && (erased.success || !isErased) && signedOut.success;
  if (!v.is(knownSchema, item) || !isWhole || !(isUser || isErased)) {
    throw new UnavailableError("unknown_schema_version");
  }
  return {
    user: user.success ? toUser(user.output) : undefined,
    erasure: erased.success ? toErasure(erased.output) : undefined,
    signedOut: toSignedOut(signedOut.output),
    revocation: erased.success ? erased.output.revocation : undefined,
  };
}

function toUser({ claimsIat, ...user }: v.InferOutput<typeof userSchema>) {
  return { ...user, claimsIssuedAt: claimsIat * 1000, claimsTokenHash: user.claimsTokenHash };
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
