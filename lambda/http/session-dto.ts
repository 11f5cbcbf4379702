/** Sessions in responses. The token is in the response that opens one, and in no other. */
import type { JsonValue, Session } from "../model";
import { rfc3339 } from "./time";

/** `{ id, created_at, last_seen_at, idle_expires_at, expires_at, user_agent }`. */
export function toSessionResponse(session: Session): { readonly [member: string]: JsonValue } {
  return {
    id: session.id,
    created_at: rfc3339(session.createdAt),
    last_seen_at: rfc3339(session.lastSeenAt),
    idle_expires_at: rfc3339(session.idleExpiresAt),
    expires_at: rfc3339(session.expiresAt),
    user_agent: session.userAgent,
  };
}

/** `{ sessions: [{ …, current }] }`: `current` is the one that asks. */
export function toSessionListResponse(
  sessions: readonly Session[],
  current: Session,
): { readonly [member: string]: JsonValue } {
  return {
    sessions: sessions.map((each) => ({
      ...toSessionResponse(each),
      current: each.id === current.id,
    })),
  };
}

/**
 * The browser's family, enough to tell one's devices apart. The whole header would be a
 * fingerprint.
 */
const FAMILIES: readonly (readonly [pattern: RegExp, family: string])[] = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|CriOS|Chromium)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
  [/^okhttp\/|\bAndroid\b/, "Android"],
  [/\bCFNetwork\//, "iOS"],
  [/^curl\//, "curl"],
  [/^node\b|^undici\b/, "Node.js"],
];

export function userAgentFamily(header: string | undefined): string {
  return FAMILIES.find(([pattern]) => pattern.test(header ?? ""))?.[1] ?? "Other";
}
