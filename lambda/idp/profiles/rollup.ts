/**
 * Rollup ID: ES256 tokens of one shape for all kinds, refresh tokens that never rotate and never
 * expire, no `expires_in`, and errors of its own instead of RFC 6749's
 * (github.com/proofzero/rollupid, docs.rollup.id).
 */
import * as v from "valibot";
import type { IdpProfile } from "../../ports/profile";
import { unverifiedExpiry } from "../jwt-claims";

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

export const rollupProfile: IdpProfile = {
  refreshToken: { format: "jwt", rotation: "none" },
  accessToken: "jwt_of_ours",
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
