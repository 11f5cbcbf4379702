/**
 * A grant as an item in DynamoDB: readable names, times as RFC 3339, secrets as binary.
 *
 * Versions of this code run side by side on the same items (S58). This one keeps attributes and
 * members that a later one adds. A change of meaning takes a new `schemaVersion`.
 */
import { createHash } from "node:crypto";
import * as v from "valibot";
import {
  FAILURE_CAUSES,
  GRANT_END_REASONS,
  GRANT_STATUSES,
  HISTORY_OUTCOMES,
  MOVED_TOKENS,
} from "../facts";
import type { Cooldown, Grant, GrantStatus, HistoryEntry } from "../grant/grant";
import type { DueAt } from "../grant/phase";
import { type DamagedItem, toDamagedGrant } from "./grant-damage";
import { itemTime, toItemTime } from "./item-time";
import { isOfThisVersion, readEach, SCHEMA_VERSION } from "./schema-version";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const sealed = { ciphertext: v.instance(Uint8Array), gen: count };

const cutoff = v.looseObject({ at: itemTime, tokenHashes: v.array(v.string()) });

/** As waiting-room.ts writes it. */
const waitingSchema = v.pipe(
  v.object({ owner: v.string(), callers: v.record(v.string(), v.unknown()) }),
  v.transform(({ owner, callers }) => ({ owner, count: Object.keys(callers).length })),
);

const names = v.fallback(v.array(v.string()), []);

/**
 * `scope_changed` lies in the store as `exchanged` with the names: a version that does not know the
 * word takes the row for damaged otherwise (S58).
 */
function fromHistoryItem<E extends HistoryEntry>(entry: E): E {
  return entry.lost === undefined ? entry : { ...entry, outcome: "scope_changed" };
}

function toHistoryItem({ at, outcome, ...entry }: HistoryEntry) {
  const known = outcome === "scope_changed" ? "exchanged" : outcome;
  return { ...entry, at: toItemTime(at), outcome: known };
}

const movedToken = v.picklist(MOVED_TOKENS);
const moved = { id: v.string(), token: movedToken };

/** Each attribute is parsed by itself, so that a damaged one says nothing about the others. */
const attributes = {
  grantId: v.string(),
  revision: count,
  status: v.picklist(GRANT_STATUSES),
  since: itemTime,
  reason: v.optional(v.picklist(GRANT_END_REASONS)),
  refreshToken: v.optional(v.looseObject(sealed)),
  accessToken: v.optional(
    v.looseObject({ ...sealed, expiresAt: itemTime, obtainedBy: v.string() }),
  ),
  lease: v.optional(
    v.looseObject({ owner: v.string(), expiresAt: itemTime, takenOver: v.boolean() }),
  ),
  inbox: v.array(v.looseObject(sealed)),
  cooldown: v.optional(
    v.looseObject({
      until: itemTime,
      cause: v.picklist(FAILURE_CAUSES),
      failures: count,
      failing: v.optional(v.looseObject({ since: itemTime, attempts: count, isTold: v.boolean() })),
    }),
  ),
  lastExchangeAt: v.optional(itemTime),
  // Damaged ones do not damage the grant: they are not known then.
  scopes: v.fallback(
    v.optional(v.looseObject({ of: v.string(), names: v.array(v.string()) })),
    undefined,
  ),
  notIssuedAt: v.fallback(v.optional(itemTime), undefined),
  frozenAt: v.optional(itemTime),
  erasure: v.optional(cutoff),
  signedOut: v.optional(cutoff),
  // They only say where a late successor belongs: damaged ones do not damage the grant.
  movedTo: v.fallback(
    v.optional(v.looseObject({ ...moved, sub: v.string(), was: v.string() })),
    undefined,
  ),
  movedFrom: v.fallback(v.optional(v.looseObject(moved)), undefined),
  history: v.array(
    v.pipe(
      v.looseObject({
        at: itemTime,
        by: v.string(),
        outcome: v.picklist(HISTORY_OUTCOMES),
        gained: v.optional(names),
        lost: v.optional(names),
      }),
      v.transform(fromHistoryItem),
    ),
  ),
  // It only counts: a damaged one does not damage the grant.
  waiting: v.fallback(v.optional(waitingSchema), undefined),
};

const itemSchema = v.object({ sub: v.string(), ...attributes });

/** The attributes that a write sets or removes; it leaves all others alone. */
export type GrantItem = Readonly<
  Record<Exclude<keyof Grant, "sub" | "revision" | "waiting" | "unreadable"> | "listKey", unknown>
>;

/** A value `undefined` means: the item has no such attribute. */
export function toItem(grant: Grant): GrantItem {
  const { status, grantId, reason, refreshToken, accessToken, lease, inbox, cooldown } = grant;
  return {
    grantId,
    status,
    reason,
    refreshToken,
    inbox,
    since: toItemTime(grant.since),
    accessToken: accessToken && { ...accessToken, expiresAt: toItemTime(accessToken.expiresAt) },
    lease: lease && { ...lease, expiresAt: toItemTime(lease.expiresAt) },
    cooldown: cooldown && toCooldownItem(cooldown),
    lastExchangeAt:
      grant.lastExchangeAt === undefined ? undefined : toItemTime(grant.lastExchangeAt),
    frozenAt: grant.frozenAt === undefined ? undefined : toItemTime(grant.frozenAt),
    erasure: grant.erasure && { ...grant.erasure, at: toItemTime(grant.erasure.at) },
    signedOut: grant.signedOut && { ...grant.signedOut, at: toItemTime(grant.signedOut.at) },
    movedTo: grant.movedTo,
    movedFrom: grant.movedFrom,
    // Of this grant alone: a version that does not know them leaves them beside the next one.
    scopes: grant.scopes && { of: grantId, names: grant.scopes },
    notIssuedAt: grant.notIssuedAt === undefined ? undefined : toItemTime(grant.notIssuedAt),
    history: grant.history.map(toHistoryItem),
    listKey: listKeyOf(grant),
  };
}

function toCooldownItem({ until, failing, ...rest }: Cooldown) {
  const since = failing && { failing: { ...failing, since: toItemTime(failing.since) } };
  return { ...rest, until: toItemTime(until), ...since };
}

export type ListedStatus = GrantStatus | "frozen";

/** Partitions of the index by status: one would take all writes. */
export const LIST_SHARDS = 16;

/**
 * Erased grants are in no list, nor are rows that never held a token and only say what to refuse.
 */
function listKeyOf({ sub, status, frozenAt, reason }: Grant): string | undefined {
  const isEmpty = status === "disconnected" && reason === undefined;
  const listed = frozenAt === undefined ? status : "frozen";
  return (isEmpty || reason === "erased") && listed !== "frozen"
    ? undefined
    : listKey(listed, shardOf(sub));
}

/**
 * Key attributes of the sparse index of due grants; they exist only with providers that make it
 * matter.
 */
export function toDueItem(grant: Grant, dueAt: DueAt) {
  const at = dueAt(grant);
  return {
    dueKey: at === undefined ? undefined : dueKey(shardOf(grant.sub)),
    dueAt: at === undefined ? undefined : toItemTime(at),
  };
}

export function dueKey(shard: number): string {
  return `due#${String(shard)}`;
}

function shardOf(sub: string): number {
  return createHash("sha256").update(sub).digest().readUInt8(0) % LIST_SHARDS;
}

export function listKey(status: ListedStatus, shard: number): string {
  return `${status}#${String(shard)}`;
}

/**
 * Reads an item. A damaged one becomes an unusable grant (grant-damage.ts).
 * @throws UnavailableError `unknown_schema_version`: an item of a later version is never
 * interpreted nor overwritten (S58)
 */
export function toGrant(item: Readonly<Record<string, unknown>>): Grant {
  const isOurs = isOfThisVersion(item);
  const result = v.safeParse(itemSchema, item);
  const grant = isOurs && result.success ? asGrant(result.output) : undefined;
  return grant ?? toDamagedGrant(readableIn(item));
}

/**
 * Undefined where it lacks what its status needs, and for a tombstone with a secret. What else its
 * status cannot have is left out.
 */
function asGrant(whole: v.InferOutput<typeof itemSchema>): Grant | undefined {
  const { status, reason, refreshToken, accessToken, lease, cooldown, scopes, ...rest } = whole;
  const row = { ...rest, scopes: scopes?.of === rest.grantId ? scopes.names : undefined };
  if (status === "active") {
    // A revived row may have its only token in the inbox.
    const secret = refreshToken ?? [...row.inbox].sort((one, other) => other.gen - one.gen)[0];
    return secret && { ...row, status, refreshToken: secret, accessToken, lease, cooldown };
  }
  const isEnd = reason === "disconnected" || reason === "erased";
  if (status === "needs_sign_in") {
    return reason === undefined || isEnd ? undefined : { ...row, status, reason, refreshToken };
  }
  if (status === "disconnecting") {
    return isEnd ? { ...row, status, reason, refreshToken } : undefined;
  }
  const isTombstone = refreshToken === undefined && (reason === undefined || isEnd);
  return isTombstone ? { ...row, status, reason } : undefined;
}

function readableIn(item: Readonly<Record<string, unknown>>): DamagedItem {
  const { readable, unreadable: damaged } = readEach(attributes, item);
  const isOurs = item["schemaVersion"] === SCHEMA_VERSION;
  // Each attribute may be right, and its status may still need another one.
  const unreadable = isOurs && damaged.length === 0 ? ["status"] : damaged;
  return {
    item,
    // The partition key, which every item has.
    sub: String(item["sub"]),
    readable,
    unreadable: isOurs ? unreadable : [...unreadable, "schemaVersion"],
  };
}
