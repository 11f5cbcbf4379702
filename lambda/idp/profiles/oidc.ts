/** Any OpenID provider that does what the RFCs say (OpenID Connect Core, RFC 6749, RFC 9068). */
import * as v from "valibot";
import type { IdpSettings } from "../../env";
import { DEFAULT_REFRESH_TOKEN_FORMAT, DEFAULT_ROTATION } from "../../facts";
import type { IdpProfile } from "../../ports/profile";
import { unverifiedExpiry } from "../jwt-claims";

const DEFAULT_LIFETIME_SECONDS = 3_600;
const SKEW_SECONDS = 60;

/** RFC 6749 section 5.2. */
const oauthError = v.object({ error: v.string() });

/**
 * RFC 6749 section 5.2 has 400 for a dead grant; Auth0 says the same with 403, others with 401, and
 * some with 200.
 */
const REFUSAL_STATUSES = new Set([200, 400, 401, 403]);

/**
 * OpenID Connect Core 3.1.2.6 has these for the authorization endpoint. Microsoft documents that
 * its token endpoint says them of a refresh token, too; what they ask for is a person at the
 * provider. With any other status they may be a gateway's words.
 */
const SIGN_IN_ERRORS = new Set([
  "interaction_required",
  "login_required",
  "consent_required",
  "account_selection_required",
]);
const SIGN_IN_STATUSES = new Set([200, 400]);

/** Our registration, not the user's grant. */
const CLIENT_ERRORS = new Set([
  "invalid_client",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
]);
const CLIENT_STATUSES = new Set([200, 400, 401, 403]);

export function createOidcProfile(settings: IdpSettings): IdpProfile {
  return {
    refreshToken: {
      format: settings.refreshTokenFormat ?? DEFAULT_REFRESH_TOKEN_FORMAT,
      rotation: settings.refreshTokenRotation ?? DEFAULT_ROTATION,
      idleSeconds: settings.refreshTokenIdleSeconds,
    },
    accessToken: "opaque",
    accessTokenExpiresAt: ({ accessToken, expiresIn }, now) => {
      if (expiresIn !== undefined) {
        return now + expiresIn * 1000;
      }
      return (
        unverifiedExpiry(accessToken, now) ?? now + (DEFAULT_LIFETIME_SECONDS - SKEW_SECONDS) * 1000
      );
    },
    judgeRefusal: (status, body, isChallenged) => {
      const parsed = v.safeParse(oauthError, body);
      const error = parsed.success ? parsed.output.error : "";
      if (isDeadGrant(status, error)) {
        return "refused";
      }
      // A challenge asks for client authentication, regardless of what the body says.
      const isOurs = CLIENT_ERRORS.has(error) && CLIENT_STATUSES.has(status);
      return isOurs || (status === 401 && isChallenged) ? "client_rejected" : "unavailable";
    },
  };
}

/** About this grant, and definitive (S48). */
function isDeadGrant(status: number, error: string): boolean {
  return error === "invalid_grant"
    ? REFUSAL_STATUSES.has(status)
    : SIGN_IN_ERRORS.has(error) && SIGN_IN_STATUSES.has(status);
}
