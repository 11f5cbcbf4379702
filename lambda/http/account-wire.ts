/** The user's whole account on the wire: its export, and the receipt of its erasure. */
import {
  mergedClaims,
  type DamagedUser,
  type EpochMs,
  type ErasureReceipt,
  type JsonValue,
  type Session,
  type User,
} from "../model";
import type { Grant } from "../grant/grant";
import { refreshTokenStatusWire } from "./grant-wire";
import { sessionWire } from "./session-wire";
import { rfc3339 } from "./time";
import { userWire } from "./user-wire";

/** Names the form of the document; its JSON Schema is docs/schemas/export.schema.json. */
export const EXPORT_FORMAT = "urn:rollup-vault:export:1";

interface Stored {
  readonly sub: string;
  readonly user: User | undefined;
  readonly damage: DamagedUser | undefined;
  readonly grant: Grant | undefined;
  readonly sessions: readonly Session[];
}

/**
 * `{ format, exported_at, sub, user, refresh_token, sessions, unreadable? }`: the stored things as their own routes show them. What cannot be read is
 * null, and named in `unreadable`, which is not there otherwise.
 */
export function exportWire(stored: Stored, now: EpochMs): JsonValue {
  const unreadable = unreadableIn(stored);
  return {
    format: EXPORT_FORMAT,
    exported_at: rfc3339(now),
    sub: stored.sub,
    user: exportedUser(stored),
    refresh_token: refreshTokenStatusWire(stored.grant),
    sessions: stored.sessions.map(sessionWire),
    ...(unreadable.length > 0 && { unreadable }),
  };
}

function exportedUser({ sub, user, damage }: Stored): JsonValue {
  if (damage === undefined) {
    return user === undefined ? null : userWire(user);
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

/** What a user has no name for (when a token was issued, the mark of an erasure) is the record's own. */
function unreadableIn({ user, damage, grant }: Stored): string[] {
  const names = (damage?.unreadable ?? []).map((name) => USER_PARTS[name] ?? "user");
  const aside = user?.hasSetAside === true ? ["user.attributes"] : [];
  return [...new Set([...names, ...aside, ...(grant?.unreadable ? ["refresh_token"] : [])])];
}

/** `{ sub, erased_at, erased, revocation }`. */
export function receiptWire({ sub, erasedAt, revocation }: ErasureReceipt): JsonValue {
  return {
    sub,
    erased_at: rfc3339(erasedAt),
    erased: ["user", "refresh_token", "sessions"],
    revocation,
  };
}
