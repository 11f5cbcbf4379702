/** Any OpenID provider that does what the RFCs say (OpenID Connect Core, RFC 6749, RFC 9068). */
import * as v from "valibot";
import type { IdpSettings } from "../../env";
import {
  DEFAULT_CLIENT_AUTHENTICATION,
  DEFAULT_REFRESH_TOKEN_FORMAT,
  DEFAULT_ROTATION,
} from "../../facts";
import type { IdpProfile } from "../../ports/profile";
import { type ClaimRule, pickClaims } from "../claims";
import { unverifiedExpiry } from "../jwt-claims";
import { KIND_CLAIMS } from "./kind-claims";

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

const LOOK_ALIKE_CLAIMS = ["scope", "scp", "client_id"] as const;

/**
 * OpenID Connect Core 2 without `azp`, which access tokens have, too; 5.1; Front-Channel Logout 1.0
 * section 3. `jti`, `nbf`, roles, groups and what else access tokens have are not among them.
 */
const PLAIN_CLAIMS = [
  "iss",
  "sub",
  "aud",
  "exp",
  "iat",
  "auth_time",
  "nonce",
  "acr",
  "amr",
  "sid",
  "at_hash",
  "c_hash",
  "name",
  "given_name",
  "family_name",
  "middle_name",
  "nickname",
  "preferred_username",
  "profile",
  "picture",
  "website",
  "email",
  "email_verified",
  "gender",
  "birthdate",
  "zoneinfo",
  "locale",
  "phone_number",
  "phone_number_verified",
  "address",
  "updated_at",
];

/** RFC 6749 appendix A.11. */
const CODE = /^[\x20-\x7e]+$/;

const ID_TOKEN_CLAIMS: readonly ClaimRule[] = [
  { name: "name", kind: "string", maxLength: 256 },
  { name: "given_name", kind: "string", maxLength: 256 },
  { name: "family_name", kind: "string", maxLength: 256 },
  { name: "preferred_username", kind: "string", maxLength: 256 },
  { name: "picture", kind: "url", maxLength: 2_048 },
  { name: "email", kind: "string", maxLength: 320 },
  { name: "email_verified", kind: "boolean", maxLength: 0 },
  { name: "locale", kind: "string", maxLength: 35 },
];

/** OIDC Core 5.1. */
const USERINFO_CLAIMS: readonly ClaimRule[] = [
  ...ID_TOKEN_CLAIMS,
  { name: "nickname", kind: "string", maxLength: 256 },
  { name: "profile", kind: "url", maxLength: 2_048 },
  { name: "website", kind: "url", maxLength: 2_048 },
  { name: "zoneinfo", kind: "string", maxLength: 64 },
];

export function createOidcProfile(settings: IdpSettings): IdpProfile {
  return {
    idToken: {
      algs: settings.idTokenSigningAlgs,
      // Above what API Gateway lets a header have (10,240 bytes of all headers); elsewhere a token
      // with a picture in it must not be its user's last.
      maxBytes: 16_384,
      maxLifetimeSeconds: settings.idTokenMaxLifetimeSeconds ?? 86_400,
      maxAgeSeconds: settings.idTokenMaxAgeSeconds ?? 3_600,
      clockToleranceSeconds: settings.clockToleranceSeconds ?? 60,
      isAdjustable: true,
      trustedAudiences: settings.trustedAudiences ?? [],
      trustedAzp: settings.trustedAzp ?? "any",
      // OpenID Connect Core 2: at most 255 ASCII characters, case-sensitive.
      subPattern: /^[\x20-\x7e]{1,255}$/,
      // `jti` may stand in an ID token; these do not, and access tokens have one of them (RFC 9068
      // section 2.2).
      forbiddenClaims: LOOK_ALIKE_CLAIMS.filter(
        (claim) => settings.idTokenAllowedClaims?.includes(claim) !== true,
      ),
      claimsBesideScope: PLAIN_CLAIMS,
      kindClaims: KIND_CLAIMS,
      isKidOptional: true,
      types: ["JWT"],
    },
    pickClaims: (payload) => pickClaims(payload, ID_TOKEN_CLAIMS),
    pickUserinfo: (answer) => pickClaims(answer, USERINFO_CLAIMS),
    refreshToken: {
      format: settings.refreshTokenFormat ?? DEFAULT_REFRESH_TOKEN_FORMAT,
      rotation: settings.refreshTokenRotation ?? DEFAULT_ROTATION,
      idleSeconds: settings.refreshTokenIdleSeconds,
    },
    accessToken: "opaque",
    signIn: {
      pkce: true,
      nonce: true,
      isCodeReusable: false,
      isPossibleCode: (code) => CODE.test(code),
    },
    clientAuthentication: settings.clientAuthentication ?? DEFAULT_CLIENT_AUTHENTICATION,
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
