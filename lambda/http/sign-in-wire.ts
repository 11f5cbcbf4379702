/** `POST /sessions`: by code, or by ID token with or without a refresh token. */
import * as v from "valibot";
import type { AccessToken, EpochMs, JsonValue, Session, User } from "../model";
import type { IdpProfile } from "../ports/profile";
import { accessTokenWire, refreshTokenBody } from "./grant-wire";
import { sessionWire } from "./session-wire";
import { userWire } from "./user-wire";

const MAX_CODE_LENGTH = 2_048;
const MAX_URL_LENGTH = 2_048;

const code = {
  // RFC 6749 appendix A.11.
  code: v.pipe(v.string(), v.maxLength(MAX_CODE_LENGTH), v.regex(/^[\x20-\x7e]+$/)),
  redirect_uri: v.pipe(v.string(), v.maxLength(MAX_URL_LENGTH)),
};
// RFC 7636 section 4.1.
const codeVerifier = v.pipe(v.string(), v.regex(/^[A-Za-z0-9\-._~]{43,128}$/));
const nonce = v.pipe(v.string(), v.maxLength(255), v.regex(/^[\x21-\x7e]+$/));
/** Of a protection that the provider does not know, so that nobody thinks to have it. */
const useless = v.pipe(v.string(), v.maxLength(0));

/** `{ code, redirect_uri, code_verifier?, nonce? }`: the code is the proof. */
export function codeBody(honoured: IdpProfile["signIn"]) {
  return v.strictObject({
    ...code,
    code_verifier: v.optional(honoured.pkce ? codeVerifier : useless),
    nonce: v.optional(honoured.nonce ? nonce : useless),
  });
}

/** `{ refresh_token? }`, beside an ID token. */
export const idTokenBody = v.strictObject({
  refresh_token: v.optional(refreshTokenBody.entries.refresh_token),
});

/** `{ session: { token, … }, user, access_token? }`; `token` is null where the session is in a cookie. */
export function signInWire(
  result: {
    readonly session: Session;
    readonly token: string | null;
    readonly user: User;
    readonly accessToken: AccessToken | undefined;
  },
  now: EpochMs,
): JsonValue {
  const { session, token, user, accessToken } = result;
  return {
    session: { token, ...sessionWire(session) },
    user: userWire(user),
    ...(accessToken === undefined ? {} : { access_token: accessTokenWire(accessToken, now) }),
  };
}
