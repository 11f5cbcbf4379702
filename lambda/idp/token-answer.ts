/** From an HTTP response of the token endpoint to an outcome: pure, and never throws. */
import * as v from "valibot";
import type { IdpSettings } from "../env";
import type { SettingName } from "../errors";
import type { AccessToken, EpochMs } from "../model";
import type { CodeOutcome, TokenOutcome } from "../ports/provider";
import type { HttpResponse } from "../ports/http-client";
import type { IdpProfile } from "../ports/profile";
import { isSuccess, parseTokenBody, salvageRefreshToken } from "./answer-body";
import { decodeUnverifiedClaims } from "./jwt-claims";
import { readRetryAfter } from "./retry-after";

const MAX_ACCESS_TOKEN_LENGTH = 16_384;

/**
 * Above what a caller may ask for (`min_validity`), and far below what breaks a time: what a
 * provider says in milliseconds must neither keep the commit from being written nor a token from
 * ever being renewed.
 */
const MAX_LIFETIME_MS = 7 * 24 * 3_600_000;

/**
 * RFC 6749 section 5.1, read with care: what is wrong beside a usable token must not cost the
 * token.
 */
const tokenAnswer = v.object({
  access_token: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_ACCESS_TOKEN_LENGTH)),
  token_type: v.optional(v.unknown()),
  id_token: v.optional(v.unknown()),
  expires_in: v.optional(v.unknown()),
  scope: v.optional(v.unknown()),
});
type TokenAnswer = v.InferOutput<typeof tokenAnswer>;

/**
 * No cap of its own besides that of the whole answer: a successor that is dropped is a grant that
 * is lost.
 */
const successor = v.object({ refresh_token: v.pipe(v.string(), v.minLength(1)) });

const someText = v.pipe(v.string(), v.minLength(1));
const withAccessToken = v.object({ access_token: someText });

type Failed = Extract<TokenOutcome, { kind: "failed" }>;
type Decoded = Readonly<Record<string, unknown>>;

/** What an answer is read by, whosever tokens it brings. */
export interface AnswerContext {
  readonly settings: IdpSettings;
  readonly profile: IdpProfile;
  readonly now: EpochMs;
}

/** What tokens have to say, as far as they say anything. */
interface Expected extends Pick<AnswerContext, "settings" | "profile"> {
  readonly sub: string;
}

/** Tokens of an answer, of whom nobody has asked yet whose they are. */
interface Tokens {
  readonly kind: "tokens";
  readonly accessToken: AccessToken;
  readonly refreshToken: string | undefined;
  readonly idToken: string | undefined;
}

/**
 * The answer to a refresh (RFC 6749 section 6, OpenID Connect Core 12.2).
 * @param context `sub`: whose tokens these should be
 */
export function readTokenAnswer(
  response: HttpResponse,
  context: AnswerContext & { readonly sub: string },
): TokenOutcome {
  const outcome = readTokens(response, context);
  if (outcome.kind !== "tokens") {
    return outcome;
  }
  const { kind, accessToken, refreshToken } = outcome;
  return { kind, accessToken, refreshToken, ...compareSubject(outcome, context) };
}

/**
 * The answer to a code: as above, and an ID token, which OpenID Connect Core 3.1.3.3 promises and
 * which the caller verifies. Only then is it known whose tokens these are.
 */
export function readCodeAnswer(response: HttpResponse, context: AnswerContext): CodeOutcome {
  const outcome = readTokens(response, context);
  if (outcome.kind === "failed" && isTurnedAway(response.status, outcome)) {
    return { ...outcome, processed: "no" };
  }
  if (outcome.kind !== "tokens") {
    return outcome;
  }
  const { kind, idToken, accessToken, refreshToken } = outcome;
  if (idToken === undefined || isForeignBeside(idToken, accessToken, context)) {
    return failed("idp_protocol", "maybe");
  }
  return { kind, idToken, accessToken, refreshToken };
}

function readTokens(
  response: HttpResponse,
  context: AnswerContext,
): Tokens | Exclude<TokenOutcome, { kind: "tokens" }> {
  const body = parseTokenBody(response.body);
  return isSuccess(response.status)
    ? readSuccess(response, body, context)
    : readFailure(response, body, context);
}

function readFailure(
  response: HttpResponse,
  body: unknown,
  context: AnswerContext,
): Exclude<TokenOutcome, { kind: "tokens" }> {
  const { status, headers } = response;
  const retryAfterSeconds = readRetryAfter(headers["retry-after"], context.now);
  if (status === 429) {
    return failed("idp_rate_limited", "no", { retryAfterSeconds });
  }
  // Tokens under a wrong status: they were issued all the same (S47).
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
  return failed("idp_unavailable", "maybe", { retryAfterSeconds, refreshToken: issued });
}

function readSuccess(
  response: HttpResponse,
  body: unknown,
  context: AnswerContext,
): Tokens | Exclude<TokenOutcome, { kind: "tokens" }> {
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

/** An error in the place of tokens, although the status says success; or what nobody can use. */
function readTokenless(
  { status, truncatedBy }: HttpResponse,
  body: unknown,
  found: { readonly context: AnswerContext; readonly refreshToken: string | undefined },
): Exclude<TokenOutcome, { kind: "tokens" }> {
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

/** Absent, null or empty: there is no other kind that a provider would not name. */
function isBearer({ token_type: type }: TokenAnswer): boolean {
  return typeof type === "string" ? /^(?:bearer)?$/i.test(type.trim()) : (type ?? null) === null;
}

/**
 * Beside an ID token: whether the access token says that it is of another user, or says less than
 * those of this provider say.
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

/**
 * "Come back later" (RFC 9110 section 15.6.4) is said by what has not begun. A code that was spent
 * all the same is refused then.
 */
function isTurnedAway(status: number, { retryAfterSeconds, refreshToken }: Failed): boolean {
  return status === 503 && retryAfterSeconds !== undefined && refreshToken === undefined;
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
    // A hint, as its `exp` is: nothing is decided by it.
    scope: readScope(answer.scope) ?? readScope(claims?.["scope"]),
  };
}

/**
 * An opaque access token shows nothing: it may be a JWT for another API, which has names of its own
 * for issuer and user (decision 0030). One that the provider documents has all three claims, so one
 * that lacks any is not known to be ours (S29).
 */
function isForeignAccessToken(accessToken: string, expected: Expected): boolean {
  return (
    expected.profile.accessToken === "jwt_of_ours" &&
    !isComplete(decodeUnverifiedClaims(accessToken), expected)
  );
}

/**
 * An ID token proves a subject, and where the provider documents it the access token, which is ours
 * by now.
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
 * OpenID Connect Core 12.2 (S29): what is there must be right. A token that says nothing is worth
 * as much as none.
 */
function contradicts({ iss, sub, aud }: Decoded, expected: Expected): boolean {
  const { issuer, clientId } = expected.settings;
  return (
    (iss !== undefined && iss !== issuer) ||
    (sub !== undefined && sub !== expected.sub) ||
    (aud !== undefined && ![aud].flat().includes(clientId))
  );
}

/** Some providers send the number as a text, or with a fraction. */
function readExpiresIn(value: unknown): number | undefined {
  const isNumeric = typeof value === "string" && /^\d+(?:\.\d+)?$/.test(value.trim());
  const seconds = isNumeric ? Number(value) : value;
  return typeof seconds === "number" && seconds > 0 ? seconds : undefined;
}

/** Space-separated (RFC 6749 section 3.3), or a list of texts. */
function readScope(value: unknown): string | undefined {
  const scopes = Array.isArray(value) && value.every((one) => typeof one === "string") && value;
  const text: unknown = scopes ? scopes.join(" ") : value;
  return typeof text === "string" ? text : undefined;
}

function failed(
  cause: Failed["cause"],
  processed: "no" | "maybe",
  found: {
    readonly retryAfterSeconds?: number | undefined;
    readonly refreshToken?: string | undefined;
    readonly setting?: SettingName | undefined;
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
