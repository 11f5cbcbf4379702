/** Grants and access tokens as they look on the wire: bodies in, answers out. Never a refresh token or a ciphertext (S27). */
import * as v from "valibot";
import type { AccessToken, EpochMs, JsonValue } from "../model";
import type { Grant, GrantStatus } from "../grant/grant";
import { rfc3339 } from "./time";

const DEFAULT_MIN_VALIDITY_SECONDS = 60;
const MAX_MIN_VALIDITY_SECONDS = 86_400;
const MAX_REFRESH_TOKEN_LENGTH = 4_096;

/** `{ min_validity? }`: whole seconds that the token must still be good for. */
export const accessTokenBody = v.strictObject({
  min_validity: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_MIN_VALIDITY_SECONDS)),
    DEFAULT_MIN_VALIDITY_SECONDS,
  ),
});

/** `{ sub, min_validity? }`, for a backend that acts while the user is away. */
export function serviceBody(subPattern: RegExp) {
  const sub = v.pipe(v.string(), v.regex(subPattern));
  return v.strictObject({ sub, ...accessTokenBody.entries });
}

/** `{ refresh_token }`: visible ASCII (RFC 6749 appendix A.17). */
export const refreshTokenBody = v.strictObject({
  refresh_token: v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(MAX_REFRESH_TOKEN_LENGTH),
    v.regex(/^[\x21-\x7e]+$/),
  ),
});

/** `{ access_token, token_type, expires_at, expires_in, scope }` (RFC 6749 section 5.1, and a time that does not age). */
export function accessTokenWire(token: AccessToken, now: EpochMs): JsonValue {
  return {
    access_token: token.accessToken,
    token_type: token.tokenType,
    expires_at: rfc3339(token.expiresAt),
    expires_in: Math.max(0, Math.floor((token.expiresAt - now) / 1000)),
    scope: token.scope ?? null,
  };
}

const WIRE_STATUS: Readonly<Record<GrantStatus, string>> = {
  active: "active",
  needs_sign_in: "needs_sign_in",
  disconnecting: "none",
  disconnected: "none",
};

function wireStatus(grant: Grant | undefined): string {
  if (grant === undefined) {
    return "none";
  }
  if (grant.frozenAt !== undefined) {
    return "frozen";
  }
  return toldSince(grant) === undefined ? WIRE_STATUS[grant.status] : "needs_sign_in";
}

/** It may heal by itself, so the grant is active; until it does, its user is told to sign in. */
function toldSince({ status, cooldown }: Grant): EpochMs | undefined {
  const { isTold = false, since } = cooldown?.failing ?? {};
  return status === "active" && isTold ? since : undefined;
}

/** Null where there never was a connection, or nobody can read since when: then the row only says what is to be refused. */
function wireSince(grant: Grant | undefined): string | null {
  if (grant === undefined || isSinceUnknown(grant)) {
    return null;
  }
  const { status, reason, frozenAt, since } = grant;
  const isEmpty = status === "disconnected" && reason === undefined && frozenAt === undefined;
  return isEmpty ? null : rfc3339(frozenAt ?? toldSince(grant) ?? since);
}

function isSinceUnknown({ unreadable = [] }: Grant): boolean {
  return unreadable.includes("since") || unreadable.includes("frozenAt");
}

/** `{ status, since, reason, last_exchange_at, history: [{ at, by, outcome }] }`; null where there is nothing to say. */
export function refreshTokenStatusWire(grant: Grant | undefined): JsonValue {
  const told = grant && toldSince(grant);
  const reason = told === undefined ? (grant?.reason ?? null) : "refresh_token_failing";
  return {
    status: wireStatus(grant),
    since: wireSince(grant),
    reason,
    last_exchange_at: grant?.lastExchangeAt === undefined ? null : rfc3339(grant.lastExchangeAt),
    history: (grant?.history ?? []).map(({ at, by, outcome }) => ({
      at: rfc3339(at),
      by,
      outcome,
    })),
  };
}
