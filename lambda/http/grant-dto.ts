/**
 * A grant as its user sees it: the refresh token that is handed in, and the status that is handed
 * out. Never a refresh token or a ciphertext (S27).
 */
import * as v from "valibot";
import type { Grant, GrantStatus } from "../grant/grant";
import { endReasonOf } from "../grant/phase";
import type { EpochMs, JsonValue } from "../model";
import { rfc3339 } from "./time";

const MAX_REFRESH_TOKEN_LENGTH = 4_096;

/** `{ refresh_token }`: visible ASCII (RFC 6749 appendix A.17). */
export const refreshTokenBody = v.strictObject({
  refresh_token: v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(MAX_REFRESH_TOKEN_LENGTH),
    v.regex(/^[\x21-\x7e]+$/),
  ),
});

const PUBLIC_STATUS: Readonly<Record<GrantStatus, string>> = {
  active: "active",
  needs_sign_in: "needs_sign_in",
  disconnecting: "none",
  disconnected: "none",
};

function publicStatus(grant: Grant | undefined): string {
  if (grant === undefined) {
    return "none";
  }
  if (grant.frozenAt !== undefined) {
    return "frozen";
  }
  return failingSince(grant) === undefined ? PUBLIC_STATUS[grant.status] : "needs_sign_in";
}

/** The grant may recover by itself, so it is active; until it does, its user is told to sign in. */
function failingSince({ status, cooldown }: Grant): EpochMs | undefined {
  const { isTold = false, since } = cooldown?.failing ?? {};
  return status === "active" && isTold ? since : undefined;
}

/**
 * Null where there never was a grant, or `since` cannot be read: then the row only says what to
 * refuse.
 */
function publicSince(grant: Grant | undefined): string | null {
  if (grant === undefined || isSinceUnknown(grant)) {
    return null;
  }
  const { status, reason, frozenAt, since } = grant;
  const isEmpty = status === "disconnected" && reason === undefined && frozenAt === undefined;
  return isEmpty ? null : rfc3339(frozenAt ?? failingSince(grant) ?? since);
}

function isSinceUnknown({ unreadable = [] }: Grant): boolean {
  return unreadable.includes("since") || unreadable.includes("frozenAt");
}

/**
 * `{ status, since, reason, scopes, last_exchange_at, history }`, an entry of the history being
 * `{ at, by, outcome, gained?, lost? }`; null where there is nothing to say.
 */
export function toGrantStatusResponse(grant: Grant | undefined): JsonValue {
  const told = grant && failingSince(grant);
  const reason = told === undefined ? grant && endReasonOf(grant) : "refresh_token_failing";
  return {
    status: publicStatus(grant),
    since: publicSince(grant),
    reason: reason ?? null,
    scopes: grant?.scopes ?? null,
    last_exchange_at: grant?.lastExchangeAt === undefined ? null : rfc3339(grant.lastExchangeAt),
    history: (grant?.history ?? []).map(({ at, ...entry }) => ({ at: rfc3339(at), ...entry })),
  };
}
