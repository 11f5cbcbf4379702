/** ID tokens and claims as OpenID Connect Core has them. */
import { clientCredentialOf } from "../../client-authentication";
import type { IdpSettings } from "../../env";
import type { CodeFlow, IdentityProfile, PickUserinfo } from "../../ports/profile";
import { type ClaimRule, pickClaims } from "../claims";
import { KIND_CLAIMS } from "./kind-claims";

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
const MORE_USERINFO_CLAIMS: readonly ClaimRule[] = [
  { name: "nickname", kind: "string", maxLength: 256 },
  { name: "profile", kind: "url", maxLength: 2_048 },
  { name: "website", kind: "url", maxLength: 2_048 },
  { name: "zoneinfo", kind: "string", maxLength: 64 },
];

export function createOidcIdentity(settings: IdpSettings): IdentityProfile {
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
  };
}

export const pickOidcUserinfo: PickUserinfo = (answer) => ({
  ...pickClaims(answer, ID_TOKEN_CLAIMS),
  ...pickClaims(answer, MORE_USERINFO_CLAIMS),
});

/** RFC 6749 appendix A.11. */
const CODE = /^[\x20-\x7e]+$/;

export function createOidcCodeFlow(settings: IdpSettings): CodeFlow {
  return {
    // Nothing but PKCE ties a code to a client without a credential (RFC 9700 section 2.1.1).
    pkce: clientCredentialOf(settings) === "none" ? "required" : "supported",
    nonce: true,
    isCodeReusable: false,
    isPossibleCode: (code) => CODE.test(code),
  };
}
