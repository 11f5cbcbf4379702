/** A user's whole account: its export, and the receipt of its erasure. */
import type { Grant } from "../grant/grant";
import {
  type DamagedUser,
  type EpochMs,
  type ErasureReceipt,
  type JsonValue,
  mergedClaims,
  type Session,
  type User,
} from "../model";
import { toGrantStatusResponse } from "./grant-dto";
import { toSessionResponse } from "./session-dto";
import { rfc3339 } from "./time";
import { toUserResponse } from "./user-dto";

/** Identifies the format of the document; its JSON Schema is docs/schemas/export.schema.json. */
const EXPORT_FORMAT = "urn:rollup-vault:export:1";

interface Stored {
  readonly sub: string;
  readonly user: User | undefined;
  readonly damage: DamagedUser | undefined;
  readonly grant: Grant | undefined;
  readonly sessions: readonly Session[];
}

/**
 * `{ format, exported_at, sub, user, refresh_token, sessions, unreadable? }`, each member as its
 * own route shows it. What cannot be read is null and named in `unreadable`.
 */
export function toExportResponse(stored: Stored, now: EpochMs): JsonValue {
  const unreadable = unreadableIn(stored);
  return {
    format: EXPORT_FORMAT,
    exported_at: rfc3339(now),
    sub: stored.sub,
    user: exportedUser(stored),
    refresh_token: toGrantStatusResponse(stored.grant),
    sessions: stored.sessions.map(toSessionResponse),
    ...(unreadable.length > 0 && { unreadable }),
  };
}

function exportedUser({ sub, user, damage }: Stored): JsonValue {
  if (damage === undefined) {
    return user === undefined ? null : toUserResponse(user);
  }
  const { claims, claimsIssuedAt = 0, userinfo, ...rest } = damage.rest;
  const isAnySaid = claims !== undefined || userinfo !== undefined;
  return {
    sub,
    claims: isAnySaid ? mergedClaims({ claims: claims ?? {}, claimsIssuedAt, userinfo }) : null,
    attributes: rest.attributes ?? null,
    created_at: rest.createdAt === undefined ? null : rfc3339(rest.createdAt),
    updated_at: rest.updatedAt === undefined ? null : rfc3339(rest.updatedAt),
    version: rest.version ?? null,
  };
}

const USER_PARTS: Readonly<Record<string, string>> = {
  claims: "user.claims",
  userinfo: "user.claims",
  attributes: "user.attributes",
  createdAt: "user.created_at",
  updatedAt: "user.updated_at",
  version: "user.version",
};

/**
 * An attribute that the API does not show (when a token was issued, the mark of an erasure) counts
 * as the record's own.
 */
function unreadableIn({ user, damage, grant }: Stored): string[] {
  const names = (damage?.unreadable ?? []).map((name) => USER_PARTS[name] ?? "user");
  const aside = user?.hasSetAside === true ? ["user.attributes"] : [];
  return [...new Set([...names, ...aside, ...(grant?.unreadable ? ["refresh_token"] : [])])];
}

/** `{ sub, erased_at, erased, revocation }`. */
export function toErasureReceiptResponse({ sub, erasedAt, revocation }: ErasureReceipt): JsonValue {
  return {
    sub,
    erased_at: rfc3339(erasedAt),
    erased: ["user", "refresh_token", "sessions"],
    revocation,
  };
}
