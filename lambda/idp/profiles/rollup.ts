/**
 * Rollup ID: ES256 tokens of one shape for all kinds, refresh tokens that never rotate and never
 * expire, no `expires_in`, and errors of its own instead of RFC 6749's
 * (github.com/proofzero/rollupid, docs.rollup.id).
 */
import * as v from "valibot";
import type { IdpSettings } from "../../env";
import type { IdpProfile } from "../../ports/profile";
import { type ClaimRule, pickClaims } from "../claims";
import { unverifiedExpiry } from "../jwt-claims";
import { KIND_CLAIMS } from "./kind-claims";

const DEFAULT_CLOCK_TOLERANCE_SECONDS = 60;
const ACCESS_TOKEN_SECONDS = 3_600;
const SKEW_SECONDS = 60;

/** `{"code":"BAD_REQUEST","message":"…","name":"RollupError"}`, in place of `{"error": …}`. */
const rollupError = v.object({
  code: v.string(),
  message: v.string(),
  name: v.literal("RollupError"),
});

/** Rollup says 400 where RFC 6749 section 5.2 has 401 `invalid_client`. */
const CLIENT_REJECTED = "400 BAD_REQUEST invalid client credentials";

/**
 * What it says of a refresh token that will never work again. Anything else may be a passing fault.
 */
const REFUSED = new Set([
  "400 BAD_REQUEST mismatch client id",
  "400 BAD_REQUEST missing subject",
  "401 UNAUTHORIZED token verification failed",
  "401 UNAUTHORIZED invalid token",
  "401 UNAUTHORIZED expired token",
  "401 UNAUTHORIZED token claim validation failed",
  "401 UNAUTHORIZED Authorized data error. Re-authorization by user required",
]);

const ID_TOKEN_CLAIMS: readonly ClaimRule[] = [
  { name: "name", kind: "string", maxLength: 256 },
  { name: "picture", kind: "url", maxLength: 2_048 },
  { name: "email", kind: "string", maxLength: 320 },
];

/** It says more than the ID token does: what the user has picked for this application. */
const USERINFO_CLAIMS: readonly ClaimRule[] = [
  ...ID_TOKEN_CLAIMS,
  { name: "type", kind: "string", maxLength: 32 },
  {
    name: "connected_accounts",
    kind: "records",
    maxLength: 320,
    maxEntries: 50,
    members: ["type", "identifier"],
  },
  {
    name: "erc_4337",
    kind: "records",
    maxLength: 320,
    maxEntries: 50,
    members: ["nickname", "address"],
  },
];

/**
 * 24 random bytes since its first version; the length was never promised, but less than 16 would be
 * no code.
 */
const CODE = /^0x[0-9a-fA-F]{32,256}$/;

export function createRollupProfile({
  clockToleranceSeconds = DEFAULT_CLOCK_TOLERANCE_SECONDS,
}: Pick<IdpSettings, "clockToleranceSeconds">): IdpProfile {
  return { ...rollupProfile, idToken: { ...rollupProfile.idToken, clockToleranceSeconds } };
}

export const rollupProfile: IdpProfile = {
  idToken: {
    algs: ["ES256"],
    maxBytes: 4_096,
    maxLifetimeSeconds: 3_600,
    clockToleranceSeconds: DEFAULT_CLOCK_TOLERANCE_SECONDS,
    // The prefix changed twice over the years; the length of the hex part was never promised.
    subPattern: /^urn:(?:rollupid:(?:identity|account)|threeid:account)\/0x[0-9a-fA-F]{1,200}$/,
    forbiddenClaims: ["scope", "jti"],
    kindClaims: KIND_CLAIMS,
    types: ["JWT"],
  },
  pickClaims: (payload) => pickClaims(payload, ID_TOKEN_CLAIMS),
  pickUserinfo: (answer) => pickClaims(answer, USERINFO_CLAIMS),
  refreshToken: { format: "jwt", rotation: "none" },
  accessToken: "jwt_of_ours",
  signIn: {
    pkce: false,
    nonce: false,
    // Good for two minutes, however often it is exchanged.
    isCodeReusable: true,
    isPossibleCode: (code) => CODE.test(code),
  },
  clientAuthentication: "client_secret_post",
  accessTokenExpiresAt: ({ accessToken }, now) => {
    const expiresAt = unverifiedExpiry(accessToken, now);
    return expiresAt === undefined
      ? now + (ACCESS_TOKEN_SECONDS - SKEW_SECONDS) * 1000
      : // Its early builds wrote `exp` in milliseconds; none lives longer than an hour.
        Math.min(expiresAt, now + ACCESS_TOKEN_SECONDS * 1000);
  },
  judgeRefusal: (status, body) => {
    const parsed = v.safeParse(rollupError, body);
    if (!parsed.success) {
      return "unavailable";
    }
    const said = `${String(status)} ${parsed.output.code} ${parsed.output.message}`;
    if (said === CLIENT_REJECTED) {
      return "client_rejected";
    }
    return REFUSED.has(said) ? "refused" : "unavailable";
  },
};
