/** Access tokens on the wire: how long they must be good for, and how they are handed out. */
import * as v from "valibot";
import { MAX_MIN_VALIDITY_SECONDS } from "../facts";
import type { AccessToken, EpochMs, JsonValue } from "../model";
import { rfc3339 } from "./time";

const DEFAULT_MIN_VALIDITY_SECONDS = 60;

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

/**
 * `{ access_token, token_type, expires_at, expires_in, scope }` (RFC 6749 section 5.1, and a time
 * that does not age).
 */
export function toAccessTokenResponse(token: AccessToken, now: EpochMs): JsonValue {
  return {
    access_token: token.accessToken,
    token_type: token.tokenType,
    expires_at: rfc3339(token.expiresAt),
    expires_in: Math.max(0, Math.floor((token.expiresAt - now) / 1000)),
    scope: token.scope ?? null,
  };
}
