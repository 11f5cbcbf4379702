/**
 * Requests to the provider's token endpoint (RFC 6749 sections 4.1.3 and 6) and revocation endpoint
 * (RFC 7009), at the configured addresses only.
 */
import type { IdpSettings } from "../env";
import { type HttpClient, HttpFailure, isTimeout } from "../ports/http-client";
import type { IdpProfile } from "../ports/profile";
import type { ClientCredentials, TokenEndpoint, TokenOutcome } from "../ports/provider";
import type { Clock } from "../ports/runtime";
import { timeLimitsOf } from "../time-limits";
import { isSuccess } from "./answer-body";
import { readCodeAnswer, readTokenAnswer } from "./token-answer";

export interface TokenEndpointOptions {
  readonly settings: IdpSettings;
  readonly profile: IdpProfile;
  readonly http: HttpClient;
  readonly clock: Clock;
}

const MAX_BYTES = 65_536;

export function createTokenEndpoint(options: TokenEndpointOptions): TokenEndpoint {
  const { settings, profile, clock } = options;
  const post = createPost(options);

  return {
    timeoutMs: timeLimitsOf(settings).tokenEndpointTimeoutMs,
    refresh: async (refreshToken, client, sub) => {
      const fields = { grant_type: "refresh_token", refresh_token: refreshToken };
      try {
        const response = await post(settings.tokenEndpoint, fields, client);
        return readTokenAnswer(response, { settings, profile, sub, now: clock.now() });
      } catch (error) {
        return outcomeOfFailure(error);
      }
    },
    exchangeCode: async ({ code, redirectUri, codeVerifier }, client) => {
      const fields = {
        grant_type: "authorization_code",
        code,
        redirect_uri: redirectUri,
        ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }),
      };
      try {
        const response = await post(settings.tokenEndpoint, fields, client);
        return readCodeAnswer(response, { settings, profile, now: clock.now() });
      } catch (error) {
        return outcomeOfFailure(error);
      }
    },
    ...createRevocationEndpoint(options),
  };
}

/** Revocation (RFC 7009). Apart, since some functions revoke and never refresh. */
export function createRevocationEndpoint(
  options: Pick<TokenEndpointOptions, "settings" | "http">,
): Pick<TokenEndpoint, "revoke"> {
  const { revocationEndpoint } = options.settings;
  const post = createPost(options);

  return {
    revoke: async (refreshToken, client) => {
      if (revocationEndpoint === undefined) {
        return false;
      }
      const fields = { token: refreshToken, token_type_hint: "refresh_token" };
      try {
        const { status } = await post(revocationEndpoint, fields, client);
        return isSuccess(status);
      } catch {
        return false;
      }
    },
  };
}

/**
 * Posts one form. The credentials go to this host and in this request only: redirects are not
 * followed (S42, S43).
 * @throws HttpFailure
 */
function createPost({ settings, http }: Pick<TokenEndpointOptions, "settings" | "http">) {
  const { tokenEndpointTimeoutMs: timeoutMs } = timeLimitsOf(settings);

  return async (
    url: string,
    fields: Readonly<Record<string, string>>,
    { fields: ofClient, authorization }: ClientCredentials,
  ) => {
    const form = new URLSearchParams({ ...fields, ...ofClient });
    return await http.send({
      method: "POST",
      url,
      headers: {
        accept: "application/json",
        "content-type": "application/x-www-form-urlencoded",
        ...(authorization !== undefined && { authorization }),
      },
      body: form.toString(),
      timeoutMs,
      maxBytes: MAX_BYTES,
      acceptsTruncated: true,
    });
  };
}

/** Names the exceeded limit in the operator's log. */
const SLOW = { setting: "idp.tokenEndpointTimeoutMs" } as const;

function outcomeOfFailure(error: unknown): TokenOutcome & { kind: "failed" } {
  const isUnsent = error instanceof HttpFailure && !error.sent;
  return {
    kind: "failed",
    cause: isUnsent ? "idp_unavailable" : "idp_in_doubt",
    processed: isUnsent ? "no" : "maybe",
    retryAfterSeconds: undefined,
    ...(isTimeout(error) && SLOW),
  };
}
