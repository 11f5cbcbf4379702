/** The user's whole account on the wire: its export, and the receipt of its erasure. */
import type { EpochMs, ErasureReceipt, Grant, JsonValue, Session, User } from "../model";
import { refreshTokenStatusWire } from "./grant-wire";
import { sessionWire } from "./session-wire";
import { rfc3339 } from "./time";
import { userWire } from "./user-wire";

/** Names the form of the document; its JSON Schema is docs/schemas/export.schema.json. */
export const EXPORT_FORMAT = "urn:rollup-vault:export:1";

/** `{ format, exported_at, sub, user, refresh_token, sessions }`: the stored things as their own routes show them. */
export function exportWire(
  stored: {
    readonly sub: string;
    readonly user: User | undefined;
    readonly grant: Grant | undefined;
    readonly sessions: readonly Session[];
  },
  now: EpochMs,
): JsonValue {
  return {
    format: EXPORT_FORMAT,
    exported_at: rfc3339(now),
    sub: stored.sub,
    user: stored.user === undefined ? null : userWire(stored.user),
    refresh_token: refreshTokenStatusWire(stored.grant),
    sessions: stored.sessions.map(sessionWire),
  };
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
