/** From an HTTP response of the token endpoint to an outcome: pure, and never throws. */
import * as v from "valibot";
import type { IdpSettings } from "../env";
import type { EpochMs } from "../model";
import type { CodeOutcome, HttpResponse, IdpProfile, TokenOutcome } from "../ports";
import { decodeUnverifiedClaims } from "./jwt-claims";

const MAX_TOKEN_LENGTH = 16_384;
const MAX_RETRY_AFTER_SECONDS = 3_600;

const token = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_TOKEN_LENGTH));

/** RFC 6749 section 5.1, read with care: what is wrong beside a usable token must not cost the token. */
const tokenAnswer = v.object({
  access_token: token,
  token_type: v.optional(v.unknown()),
  refresh_token: v.optional(v.unknown()),
  id_token: v.optional(v.unknown()),
  expires_in: v.optional(v.unknown()),
  scope: v.optional(v.unknown()),
});
type TokenAnswer = v.InferOutput<typeof tokenAnswer>;

export interface AnswerContext {
  readonly settings: IdpSettings;
  readonly profile: IdpProfile;
  /** Whose tokens these should be. */
  readonly sub: string;
  readonly now: EpochMs;
}

export function readTokenAnswer(response: HttpResponse, context: AnswerContext): TokenOutcome {
  const { status } = response;
  const body = parseJson(response.body);
  if (status >= 200 && status < 300) {
    const parsed = v.safeParse(tokenAnswer, body);
    return parsed.success && isBearer(parsed.output)
      ? accepted(parsed.output, context)
      : failed("idp_protocol", "maybe");
  }
  const retryAfterSeconds = readRetryAfter(response.headers["retry-after"], context.now);
  if (status === 429) {
    return failed("idp_rate_limited", "no", retryAfterSeconds);
  }
  if (status >= 300 && status < 400) {
    return failed("idp_protocol", "maybe");
  }
  const judgement = status < 500 ? context.profile.judgeRefusal(status, body) : "unavailable";
  return judgement === "unavailable"
    ? failed("idp_unavailable", "maybe", retryAfterSeconds)
    : { kind: judgement };
}

/** The answer to a code: as above, and an ID token, which OpenID Connect Core 3.1.3.3 promises. */
export function readCodeAnswer(
  response: HttpResponse,
  context: Omit<AnswerContext, "sub">,
): CodeOutcome {
  const outcome = readTokenAnswer(response, { ...context, sub: "" });
  if (outcome.kind !== "tokens") {
    return outcome;
  }
  const { id_token: idToken } = (parseJson(response.body) ?? {}) as Record<string, unknown>;
  const { accessToken, refreshToken } = outcome;
  return typeof idToken === "string"
    ? { kind: "tokens", idToken, accessToken, refreshToken }
    : { kind: "failed", cause: "idp_protocol", processed: "maybe", retryAfterSeconds: undefined };
}

function accepted(answer: TokenAnswer, context: AnswerContext): TokenOutcome {
  const { profile, now } = context;
  const accessToken = answer.access_token;
  const refreshToken = v.safeParse(token, answer.refresh_token);
  const expiresIn = readExpiresIn(answer.expires_in);
  const claims = [accessToken, answer.id_token].flatMap((jwt) =>
    typeof jwt === "string" ? [decodeUnverifiedClaims(jwt) ?? {}] : [],
  );
  return {
    kind: "tokens",
    accessToken: {
      accessToken,
      tokenType: "Bearer",
      expiresAt: profile.accessTokenExpiresAt({ accessToken, expiresIn }, now),
      scope: readScope(answer.scope, claims[0]?.["scope"]),
    },
    refreshToken: refreshToken.success ? refreshToken.output : undefined,
    foreign: claims.some((each) => isForeign(each, context)),
    sub: claims.map((each) => each["sub"]).find((sub) => typeof sub === "string"),
  };
}

/** OpenID Connect Core 12.2, for whatever of `iss`, `sub` and `aud` a token of the answer shows (S29). */
function isForeign(claims: Readonly<Record<string, unknown>>, context: AnswerContext): boolean {
  const { settings, sub } = context;
  return (
    differs(claims["iss"], settings.issuer) ||
    differs(claims["sub"], sub) ||
    (context.profile.refreshToken.format === "jwt" && lacks(claims["aud"], settings.clientId))
  );
}

function differs(claim: unknown, expected: string): boolean {
  return claim !== undefined && claim !== expected;
}

/** Access tokens of other providers are often meant for an API, so `aud` counts only where all kinds share it. */
function lacks(aud: unknown, clientId: string): boolean {
  return aud !== undefined && ![aud].flat().includes(clientId);
}

function isBearer({ token_type: type }: TokenAnswer): boolean {
  return type === undefined || (typeof type === "string" && type.toLowerCase() === "bearer");
}

/** Some providers send the number as a string. */
function readExpiresIn(value: unknown): number | undefined {
  const seconds = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0
    ? seconds
    : undefined;
}

function readScope(...candidates: readonly unknown[]): string | undefined {
  return candidates.find((scope) => typeof scope === "string");
}

/** RFC 9110 section 10.2.3: seconds or an HTTP date; at most an hour is believed. */
function readRetryAfter(value: string | undefined, now: EpochMs): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Number.isFinite(seconds)
    ? Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_SECONDS)
    : undefined;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}

function failed(
  cause: "idp_unavailable" | "idp_rate_limited" | "idp_protocol",
  processed: "no" | "maybe",
  retryAfterSeconds?: number,
): TokenOutcome {
  return { kind: "failed", cause, processed, retryAfterSeconds };
}
