/**
 * Checks what the claims of a token must say in this deployment. This is cheap, so it runs before
 * any signature is computed.
 */
import type { IdpSettings } from "../env";
import { type SettingName, UnauthorizedError, type UnauthorizedReason } from "../errors";
import { isAcceptedIssuer, isSpellingOf } from "../issuer";
import type { EpochMs } from "../model";
import type { IdTokenPolicy, KindClaim } from "../ports/profile";

type Payload = Readonly<Record<string, unknown>>;

/** A token with a lifetime up to this is taken for an access token. */
const ACCESS_TOKEN_SECONDS = 3_600;

export interface Expectations extends Pick<IdpSettings, "issuer" | "acceptedIssuers" | "clientId"> {
  readonly policy: IdTokenPolicy;
  readonly now: EpochMs;
  /**
   * The token authenticates a request: its age is limited by the policy, however late its `exp` is.
   */
  readonly isBearer: boolean;
}

export interface CommonClaims {
  readonly sub: string;
  /** Epoch seconds. */
  readonly iat: number;
}

/** Shared by every kind of token (S10, S11, S12, S14). @throws UnauthorizedError */
export function checkCommonClaims(payload: Payload, expected: Expectations): CommonClaims {
  const { iss, sub, iat, nbf } = payload;
  const latest = expected.now / 1000 + expected.policy.clockToleranceSeconds;
  if (!isAcceptedIssuer(iss, expected)) {
    throw isSpellingOf(expected.issuer, iss)
      ? refusal("invalid_issuer", expected.policy, "idp.acceptedIssuers")
      : new UnauthorizedError("invalid_issuer");
  }
  checkAudience(payload, expected);
  if (typeof sub !== "string" || !expected.policy.subPattern.test(sub) || sub.length > 255) {
    throw new UnauthorizedError("invalid_subject");
  }
  if (!isWholeSeconds(iat) || iat > latest) {
    throw new UnauthorizedError("invalid_lifetime", { setting: settingForAhead(iat, expected) });
  }
  if (nbf !== undefined && !(isWholeSeconds(nbf) && nbf <= latest)) {
    throw new UnauthorizedError("invalid_lifetime", { setting: settingForAhead(nbf, expected) });
  }
  return { sub, iat };
}

/** @returns `exp` in epoch seconds @throws UnauthorizedError */
export function checkIdTokenClaims(payload: Payload, iat: number, expected: Expectations): number {
  const { policy, now } = expected;
  const { exp } = payload;
  checkKind(payload, expected);
  if (!isWholeSeconds(exp) || exp <= iat) {
    throw new UnauthorizedError("invalid_lifetime");
  }
  if (now / 1000 >= exp + policy.clockToleranceSeconds) {
    throw new UnauthorizedError("invalid_lifetime", { setting: settingForPast(exp, expected) });
  }
  if (exp - iat > policy.maxLifetimeSeconds) {
    throw refusal("invalid_lifetime", policy, "idp.idTokenMaxLifetimeSeconds");
  }
  const { maxAgeSeconds = Infinity } = policy;
  if (expected.isBearer && now / 1000 >= iat + maxAgeSeconds + policy.clockToleranceSeconds) {
    throw refusal("invalid_lifetime", policy, "idp.idTokenMaxAgeSeconds");
  }
  // RFC 7519 section 4.1.7, RFC 8693 section 4.2.
  if (![payload["scope"], payload["jti"]].every((text) => isTextOrAbsent(text))) {
    throw new UnauthorizedError("malformed_token");
  }
  return exp;
}

/**
 * S13: a claim that names another kind decides. A claim that access tokens have makes a token one,
 * unless it has a claim that no access token can have, or has nothing else of an access token.
 */
function checkKind(payload: Payload, { policy, isBearer }: Expectations): void {
  if (policy.kindClaims?.every((claim) => isIdTokenBy(claim, payload)) === false) {
    throw new UnauthorizedError("wrong_token_kind");
  }
  const looksAlike = policy.forbiddenClaims.some((claim) => Object.hasOwn(payload, claim));
  // A token that the provider itself returned as `id_token` is one (OpenID Connect Core 3.1.3.3).
  const isKnown = policy.isAdjustable === true && (!isBearer || hasIdTokenMark(payload));
  if (looksAlike && !isKnown && !isPlainBesideScope(payload, policy)) {
    throw refusal("wrong_token_kind", policy, "idp.idTokenAllowedClaims");
  }
}

function isIdTokenBy({ name, ofIdTokens }: KindClaim, payload: Payload): boolean {
  if (!Object.hasOwn(payload, name)) {
    return true;
  }
  const said = payload[name];
  return typeof said === "string" && ofIdTokens.includes(said.toLowerCase());
}

/**
 * The hash of an access token or a code that came with the token (OpenID Connect Core 3.1.3.6,
 * 3.3.2.11) cannot be in that access token itself, so it marks an ID token. Keycloak and Cognito
 * name the kind of a token in a claim. A claim that names another kind is refused before.
 */
function hasIdTokenMark({ at_hash: atHash, c_hash: cHash, typ, token_use: use }: Payload): boolean {
  const hasHash = [atHash, cHash].some((hash) => typeof hash === "string" && hash !== "");
  return hasHash || typ === "ID" || use === "id";
}

/**
 * True where the token has a `scope` with `openid`, which every request for an ID token has (OpenID
 * Connect Core 3.1.2.1), and besides it only claims of ID tokens (decision 0034).
 */
function isPlainBesideScope(payload: Payload, { claimsBesideScope }: IdTokenPolicy): boolean {
  const { scope, ...others } = payload;
  const isOpenId = typeof scope === "string" && scope.split(" ").includes("openid");
  const names = Object.keys(others);
  return isOpenId && names.every((name) => claimsBesideScope?.includes(name) === true);
}

/** Names the setting by which the stage could allow the token, where the policy is adjustable. */
function refusal(reason: UnauthorizedReason, policy: IdTokenPolicy, setting: SettingName) {
  return new UnauthorizedError(reason, policy.isAdjustable === true ? { setting } : {});
}

/** The largest tolerance that a stage can set. */
const MAX_CLOCK_TOLERANCE_SECONDS = 300;

function settingForAhead(time: unknown, { now }: Expectations): SettingName | undefined {
  const isWithin = isWholeSeconds(time) && time <= now / 1000 + MAX_CLOCK_TOLERANCE_SECONDS;
  return isWithin ? "idp.clockToleranceSeconds" : undefined;
}

/** Only a token that the provider has just sent shows its clock: a bearer may simply be old. */
function settingForPast(exp: number, { now, isBearer }: Expectations) {
  const isWithin = !isBearer && now / 1000 < exp + MAX_CLOCK_TOLERANCE_SECONDS;
  return isWithin ? "idp.clockToleranceSeconds" : undefined;
}

/**
 * An access token has the same members and an `exp` one hour away; a refresh token has no `exp`, or
 * a much later one.
 * @throws UnauthorizedError `wrong_token_kind` or `invalid_lifetime`
 */
export function checkRefreshTokenClaims(
  payload: Payload,
  iat: number,
  { now }: Expectations,
): void {
  const { scope, jti, exp } = payload;
  if (typeof scope !== "string" || typeof jti !== "string" || jti === "") {
    throw new UnauthorizedError("wrong_token_kind");
  }
  if (exp === undefined) {
    return;
  }
  if (!isWholeSeconds(exp) || exp - iat <= ACCESS_TOKEN_SECONDS) {
    throw new UnauthorizedError("wrong_token_kind");
  }
  if (now / 1000 >= exp) {
    throw new UnauthorizedError("invalid_lifetime");
  }
}

/**
 * OpenID Connect Core 3.1.3.7: other audiences are allowed only where the stage trusts them, and
 * then `azp` must say for whom the token is. Where our client id is the only audience, the provider
 * has said so already, and `azp` counts as far as the policy says (decision 0034).
 */
function checkAudience({ aud, azp }: Payload, { clientId, policy }: Expectations): void {
  const { trustedAudiences, trustedAzp } = policy;
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audiences.includes(clientId)) {
    throw new UnauthorizedError("invalid_audience");
  }
  const others = [...audiences];
  others.splice(others.indexOf(clientId), 1);
  if (!others.every((one) => isAmong(trustedAudiences, one))) {
    throw refusal("invalid_audience", policy, "idp.trustedAudiences");
  }
  const isOnlyOurs = others.length === 0;
  if (isOnlyOurs && (azp === undefined || trustedAzp === "any")) {
    return;
  }
  if (azp === undefined) {
    throw new UnauthorizedError("invalid_audience");
  }
  if (azp !== clientId && !(trustedAzp !== "any" && isAmong(trustedAzp, azp))) {
    throw refusal("invalid_audience", policy, "idp.trustedAzp");
  }
}

function isAmong(names: readonly string[] | undefined, one: unknown): boolean {
  return names?.some((name) => name === one) === true;
}

function isWholeSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}
