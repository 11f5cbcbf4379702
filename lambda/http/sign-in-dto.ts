/** `POST /sessions`: by code, or by ID token with or without a refresh token. */
import * as v from "valibot";
import type { AccessToken, EpochMs, Session, User } from "../model";
import type { CodeFlow } from "../ports/profile";
import { MAX_SCOPES_LENGTH, type Scopes } from "../scopes";
import { toAccessTokenResponse } from "./access-token-dto";
import type { RouteResult } from "./endpoint";
import { refreshTokenBody } from "./grant-dto";
import { toSessionResponse } from "./session-dto";
import type { SessionTransport } from "./session-transport";
import { toUserResponse } from "./user-dto";

const MAX_CODE_LENGTH = 2_048;
const MAX_URL_LENGTH = 2_048;

const code = {
  // RFC 6749 appendix A.11.
  code: v.pipe(v.string(), v.maxLength(MAX_CODE_LENGTH), v.regex(/^[\x20-\x7e]+$/)),
  redirect_uri: v.pipe(v.string(), v.maxLength(MAX_URL_LENGTH)),
};
// RFC 7636 section 4.1.
const codeVerifier = v.pipe(v.string(), v.regex(/^[A-Za-z0-9\-._~]{43,128}$/));
// RFC 6749 section 3.3.
const scope = v.pipe(
  v.string(),
  v.maxLength(MAX_SCOPES_LENGTH),
  v.regex(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/),
);
const nonce = v.pipe(v.string(), v.maxLength(255), v.regex(/^[\x21-\x7e]+$/));
/**
 * A member of a protection that the provider does not support: refused, so that no client relies on
 * it.
 */
const mustBeEmpty = v.pipe(v.string(), v.maxLength(0));

/** `{ code, redirect_uri, scope?, code_verifier?, nonce? }`: the code authenticates the request. */
export function codeBody(honoured: CodeFlow) {
  return v.strictObject({
    ...code,
    scope: v.optional(scope),
    code_verifier: verifierFor(honoured.pkce),
    nonce: v.optional(honoured.nonce ? nonce : mustBeEmpty),
  });
}

function verifierFor(pkce: CodeFlow["pkce"]) {
  switch (pkce) {
    case "required":
      return codeVerifier;
    case "supported":
      return v.optional(codeVerifier);
    case "none":
      return v.optional(mustBeEmpty);
  }
}

/** `{ refresh_token? }`, beside an ID token. */
export const idTokenBody = v.strictObject({
  refresh_token: v.optional(refreshTokenBody.entries.refresh_token),
});

interface SignedIn {
  readonly session: Session;
  readonly token: string;
  readonly user: User;
  readonly accessToken: AccessToken | undefined;
  readonly connection: { readonly connected: boolean; readonly scopes?: Scopes };
}

interface SignInAnswer {
  readonly transport: SessionTransport;
  readonly askFor: Readonly<Record<string, string>> | undefined;
}

/**
 * 201 with `{ session: { token, … }, user, connection, access_token? }`. The token is in the body,
 * or in a cookie, and then it is null in the body.
 * @param askFor parameters of the authorization request that bring a refresh token
 */
export function toSignInResult(
  { session, token, user, accessToken, connection }: SignedIn,
  { transport, askFor }: SignInAnswer,
  now: EpochMs,
): RouteResult {
  const issued = transport.issue(token);
  const { connected, scopes } = connection;
  return {
    status: 201,
    body: {
      session: { token: issued.token, ...toSessionResponse(session) },
      user: toUserResponse(user),
      connection: {
        connected,
        scopes: scopes ?? null,
        reason: connected ? null : "refresh_token_not_issued",
        ask_for: (connected ? undefined : askFor) ?? null,
      },
      ...(accessToken && { access_token: toAccessTokenResponse(accessToken, now) }),
    },
    cookies: issued.cookies,
  };
}
