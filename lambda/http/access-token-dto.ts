/** Access tokens on the wire: how long they must be good for, and how they are handed out. */
import * as v from "valibot";
import { MAX_MIN_VALIDITY_SECONDS } from "../facts";
import type { AccessToken, EpochMs, JsonValue } from "../model";
import { MAX_SCOPES, MAX_SCOPES_LENGTH, SCOPE } from "../scopes";
import { rfc3339 } from "./time";

const DEFAULT_MIN_VALIDITY_SECONDS = 60;

const requiredScopes = v.pipe(
  v.array(v.pipe(v.string(), v.maxLength(MAX_SCOPES_LENGTH), v.regex(SCOPE))),
  v.maxLength(MAX_SCOPES),
);

/**
 * `{ min_validity?, required_scopes? }`: whole seconds that the token must still be good for, and
 * what the user must have granted.
 */
export const accessTokenBody = v.strictObject({
  min_validity: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_MIN_VALIDITY_SECONDS)),
    DEFAULT_MIN_VALIDITY_SECONDS,
  ),
  required_scopes: v.optional(requiredScopes, []),
});

/** What is wanted of the token, by such a body. */
export function toWanted(body: v.InferOutput<typeof accessTokenBody>) {
  return { minValiditySeconds: body.min_validity, requiredScopes: body.required_scopes };
}

/** `{ sub, min_validity?, required_scopes? }`, for a backend that acts while the user is away. */
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
