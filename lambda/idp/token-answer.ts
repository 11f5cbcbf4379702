/** Classifies responses of the token endpoint. Pure, and never throws. */
import * as v from "valibot";
import type { IdpSettings } from "../env";
import type { SettingName } from "../errors";
import { isAcceptedIssuer } from "../issuer";
import type { AccessToken, EpochMs } from "../model";
import type { HttpResponse } from "../ports/http-client";
import type { IdpProfile } from "../ports/profile";
import type { CodeOutcome, TokenOutcome } from "../ports/provider";
import { type Scopes, scopesIn, scopeText } from "../scopes";
import { isSuccess, parseTokenBody, salvageRefreshToken } from "./answer-body";
import { decodeUnverifiedClaims } from "./jwt-claims";
import { readRetryAfter } from "./retry-after";

const MAX_ACCESS_TOKEN_LENGTH = 16_384;

/**
 * The longest lifetime that is believed: above the largest `min_validity`, and far below a date's
 * range. A provider that sends milliseconds must neither make the write fail nor keep a token from
 * ever being refreshed.
 */
const MAX_LIFETIME_MS = 7 * 24 * 3_600_000;

/** RFC 6749 section 5.1. Other members may be malformed: that must not cost a usable token. */
const tokenAnswer = v.object({
  access_token: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_ACCESS_TOKEN_LENGTH)),
  token_type: v.optional(v.unknown()),
  id_token: v.optional(v.unknown()),
  expires_in: v.optional(v.unknown()),
  scope: v.optional(v.unknown()),
});
type TokenAnswer = v.InferOutput<typeof tokenAnswer>;

/** Only the cap of the whole response applies: a dropped refresh token would be a lost grant. */
const successor = v.object({ refresh_token: v.pipe(v.string(), v.minLength(1)) });

const someText = v.pipe(v.string(), v.minLength(1));
const withAccessToken = v.object({ access_token: someText });

type Failed = Extract<TokenOutcome, { kind: "failed" }>;
type Decoded = Readonly<Record<string, unknown>>;

/** What a response is interpreted with. */
export interface AnswerContext {
  readonly settings: IdpSettings;
  readonly profile: IdpProfile;
  readonly now: EpochMs;
}

/** The values that the tokens' claims must have, where they have them. */
interface Expected extends Pick<AnswerContext, "settings" | "profile"> {
  readonly sub: string;
}

/** An answer that brought no access token. */
type NoTokens = Exclude<TokenOutcome, { kind: "tokens" }>;

/** The tokens of a response, before it is known whose they are. */
interface Tokens {
  readonly kind: "tokens";
  readonly accessToken: AccessToken;
  readonly refreshToken: string | undefined;
  readonly idToken: string | undefined;
  readonly scopes: Scopes | undefined;
}

/**
 * Classifies the response to a refresh (RFC 6749 section 6, OpenID Connect Core 12.2).
 * @param context `sub`: the user whose tokens these should be
 */
export function readTokenAnswer(
  response: HttpResponse,
  context: AnswerContext & { readonly sub: string },
): TokenOutcome {
  const outcome = readTokens(response, context);
  if (outcome.kind !== "tokens") {
    return outcome;
  }
  const { kind, accessToken, refreshToken, scopes } = outcome;
  return { kind, accessToken, refreshToken, scopes, ...compareSubject(outcome, context) };
}

/**
 * Classifies the response to an authorization code. It must have an ID token (OpenID Connect Core
 * 3.1.3.3), which the caller verifies: only that shows whose tokens these are.
 */
export function readCodeAnswer(response: HttpResponse, context: AnswerContext): CodeOutcome {
  const outcome = readTokens(response, context);
  if (outcome.kind !== "tokens") {
    return outcome;
  }
  const { kind, idToken, accessToken, refreshToken, scopes } = outcome;
  if (idToken === undefined || isForeignBeside(idToken, accessToken, context)) {
    return failed("idp_protocol", "maybe");
  }
  return { kind, idToken, accessToken, refreshToken, scopes };
}

function readTokens(response: HttpResponse, context: AnswerContext): Tokens | NoTokens {
  const body = parseTokenBody(response.body);
  return isSuccess(response.status)
    ? readSuccess(response, body, context)
    : readFailure(response, body, context);
}

function readFailure(response: HttpResponse, body: unknown, context: AnswerContext): NoTokens {
  const { status, headers } = response;
  const retryAfterSeconds = readRetryAfter(headers["retry-after"], context.now);
  const cause = status === 429 ? "idp_rate_limited" : "idp_unavailable";
  if (isTurnedAway(response, body, retryAfterSeconds)) {
    return failed(cause, "no", { retryAfterSeconds });
  }
  // Tokens in a response with an error status: the provider has issued them all the same (S47).
  const issued = v.is(withAccessToken, body) ? successorIn(body) : undefined;
  if (status >= 300 && status < 400) {
    return failed("idp_protocol", "maybe", { refreshToken: issued });
  }
  const isChallenged = headers["www-authenticate"] !== undefined;
  const judgement =
    status < 500 ? context.profile.judgeRefusal(status, body, isChallenged) : "unavailable";
  if (judgement !== "unavailable") {
    return { kind: judgement };
  }
  return failed(cause, "maybe", { retryAfterSeconds, refreshToken: issued });
}

/**
 * The provider has not begun (decision 0037): 429 (RFC 6585 section 4), or 503 with `Retry-After`
 * (RFC 9110 section 15.6.4), where nothing of a token came with it, or may be in what is missing.
 */
function isTurnedAway(
  { status, truncatedBy }: HttpResponse,
  body: unknown,
  retryAfterSeconds: number | undefined,
): boolean {
  const isBusy = status === 429 || (status === 503 && retryAfterSeconds !== undefined);
  const hasToken = v.is(withAccessToken, body) || v.is(successor, body);
  return isBusy && truncatedBy === undefined && !hasToken;
}

function readSuccess(
  response: HttpResponse,
  body: unknown,
  context: AnswerContext,
): Tokens | NoTokens {
  const refreshToken = body === undefined ? salvageRefreshToken(response.body) : successorIn(body);
  const parsed = v.safeParse(tokenAnswer, body);
  if (!parsed.success || !isBearer(parsed.output)) {
    return readTokenless(response, body, { context, refreshToken });
  }
  const { id_token: idToken } = parsed.output;
  return {
    kind: "tokens",
    accessToken: readAccessToken(parsed.output, context),
    refreshToken,
    idToken: typeof idToken === "string" ? idToken : undefined,
    scopes: scopesIn(parsed.output.scope) ?? scopesOfToken(parsed.output, context),
  };
}

/** Whether the tokens are another's (S29), and the subject that they prove, if they prove one. */
function compareSubject(
  { idToken, accessToken: { accessToken } }: Tokens,
  expected: Expected,
): { readonly foreign: boolean; readonly sub: string | undefined } {
  const identity = idToken === undefined ? undefined : decodeUnverifiedClaims(idToken);
  const foreign =
    (identity !== undefined && contradicts(identity, expected)) ||
    isForeignAccessToken(accessToken, expected);
  const isProven = !foreign && provesSubject(identity, expected);
  return { foreign, sub: isProven ? expected.sub : undefined };
}

/**
 * A response with a success status and no usable token: an error of the provider, or a broken body.
 */
function readTokenless(
  { status, truncatedBy }: HttpResponse,
  body: unknown,
  found: { readonly context: AnswerContext; readonly refreshToken: string | undefined },
): NoTokens {
  const { context, refreshToken } = found;
  if (refreshToken === undefined && !v.is(withAccessToken, body)) {
    const judgement = context.profile.judgeRefusal(status, body, false);
    if (judgement !== "unavailable") {
      return { kind: judgement };
    }
  }
  const setting = truncatedBy === "time" ? "idp.tokenEndpointTimeoutMs" : undefined;
  const cause = truncatedBy === undefined ? "idp_protocol" : "idp_in_doubt";
  return failed(cause, "maybe", { refreshToken, setting });
}

function successorIn(body: unknown): string | undefined {
  return v.is(successor, body) ? body.refresh_token : undefined;
}

/** Absent, null or empty counts as bearer: a provider of another kind would name it. */
function isBearer({ token_type: type }: TokenAnswer): boolean {
  return typeof type === "string" ? /^(?:bearer)?$/i.test(type.trim()) : (type ?? null) === null;
}

/**
 * Whether an access token beside an ID token names another user, or lacks a claim that this
 * provider's access tokens have.
 */
function isForeignBeside(
  idToken: string,
  { accessToken }: AccessToken,
  context: AnswerContext,
): boolean {
  const sub = decodeUnverifiedClaims(idToken)?.["sub"];
  return (
    decodeUnverifiedClaims(accessToken) !== undefined &&
    isForeignAccessToken(accessToken, { ...context, sub: typeof sub === "string" ? sub : "" })
  );
}

function readAccessToken(answer: TokenAnswer, { profile, now }: AnswerContext): AccessToken {
  const accessToken = answer.access_token;
  const claims = decodeUnverifiedClaims(accessToken);
  const expiresIn = readExpiresIn(answer.expires_in);
  const expiresAt = Math.floor(profile.accessTokenExpiresAt({ accessToken, expiresIn }, now));
  return {
    accessToken,
    tokenType: "Bearer",
    expiresAt: Math.min(Math.max(expiresAt, now), now + MAX_LIFETIME_MS),
    // A hint, like its `exp`: no decision depends on it.
    scope: scopeText(answer.scope) ?? scopeText(claims?.["scope"]),
  };
}

/** Only of a documented JWT (RFC 9068 section 2.2.3): any other is for its resource server. */
function scopesOfToken(
  { access_token: token }: TokenAnswer,
  { profile }: AnswerContext,
): Scopes | undefined {
  return profile.accessToken === "jwt_of_ours"
    ? scopesIn(decodeUnverifiedClaims(token)?.["scope"])
    : undefined;
}

/**
 * An opaque access token shows nothing: it may be a JWT for another API, with other names for
 * issuer and user (decision 0030). A documented JWT has all three claims; one that lacks any is not
 * known to be this client's (S29).
 */
function isForeignAccessToken(accessToken: string, expected: Expected): boolean {
  return (
    expected.profile.accessToken === "jwt_of_ours" &&
    !isComplete(decodeUnverifiedClaims(accessToken), expected)
  );
}

/**
 * An ID token proves the subject. So does an access token where the provider documents its claims,
 * which have been compared by then.
 */
function provesSubject(identity: Decoded | undefined, expected: Expected): boolean {
  return expected.profile.accessToken === "jwt_of_ours" || isComplete(identity, expected);
}

function isComplete(claims: Decoded | undefined, expected: Expected): boolean {
  return (
    claims !== undefined &&
    ["iss", "sub", "aud"].every((name) => claims[name] !== undefined) &&
    !contradicts(claims, expected)
  );
}

/**
 * Claims that are present must be right (OpenID Connect Core 12.2, S29). A token without claims
 * shows as little as none.
 */
function contradicts({ iss, sub, aud }: Decoded, expected: Expected): boolean {
  const { settings } = expected;
  return (
    (iss !== undefined && !isAcceptedIssuer(iss, settings)) ||
    (sub !== undefined && sub !== expected.sub) ||
    (aud !== undefined && ![aud].flat().includes(settings.clientId))
  );
}

/** Some providers send a string, or a fraction. */
function readExpiresIn(value: unknown): number | undefined {
  const isNumeric = typeof value === "string" && /^\d+(?:\.\d+)?$/.test(value.trim());
  const seconds = isNumeric ? Number(value) : value;
  return typeof seconds === "number" && seconds > 0 ? seconds : undefined;
}

function failed(
  cause: Failed["cause"],
  processed: "no" | "maybe",
  found: {
    readonly retryAfterSeconds?: number;
    readonly refreshToken?: string;
    readonly setting?: SettingName;
  } = {},
): TokenOutcome & { kind: "failed" } {
  const { retryAfterSeconds, refreshToken, setting } = found;
  return {
    kind: "failed",
    cause,
    processed,
    retryAfterSeconds,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(setting === undefined ? {} : { setting }),
  };
}
