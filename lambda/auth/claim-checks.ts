/** What the claims of a token of this deployment must say. Cheap, so it is asked before any signature is computed. */
import { UnauthorizedError } from "../errors";
import type { EpochMs } from "../model";
import type { IdTokenPolicy, KindClaim } from "../ports";

type Payload = Readonly<Record<string, unknown>>;

export interface Expectations {
  readonly issuer: string;
  readonly clientId: string;
  readonly policy: IdTokenPolicy;
  readonly now: EpochMs;
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
  if (iss !== expected.issuer) {
    throw new UnauthorizedError("invalid_issuer");
  }
  checkAudience(payload, expected.clientId);
  if (typeof sub !== "string" || !expected.policy.subPattern.test(sub) || sub.length > 255) {
    throw new UnauthorizedError("invalid_subject");
  }
  if (!isWholeSeconds(iat) || iat > latest) {
    throw new UnauthorizedError("invalid_lifetime");
  }
  if (nbf !== undefined && !(isWholeSeconds(nbf) && nbf <= latest)) {
    throw new UnauthorizedError("invalid_lifetime");
  }
  return { sub, iat };
}

/** @returns `exp` in epoch seconds @throws UnauthorizedError */
export function checkIdTokenClaims(payload: Payload, iat: number, expected: Expectations): number {
  const { policy, now } = expected;
  const { exp } = payload;
  const isOtherKind = policy.forbiddenClaims.some((claim) => Object.hasOwn(payload, claim));
  if (isOtherKind || policy.kindClaims?.every((claim) => isIdTokenBy(claim, payload)) === false) {
    throw new UnauthorizedError("wrong_token_kind");
  }
  const isSane = isWholeSeconds(exp) && exp > iat && exp - iat <= policy.maxLifetimeSeconds;
  if (!isSane || now / 1000 >= exp + policy.clockToleranceSeconds) {
    throw new UnauthorizedError("invalid_lifetime");
  }
  return exp;
}

function isIdTokenBy({ name, ofIdTokens }: KindClaim, payload: Payload): boolean {
  if (!Object.hasOwn(payload, name)) {
    return true;
  }
  const said = payload[name];
  return typeof said === "string" && ofIdTokens.includes(said.toLowerCase());
}

/**
 * An access token has the same members and an `exp` an hour away; a refresh token has none, or one much later.
 * @throws UnauthorizedError
 */
export function checkRefreshTokenClaims(
  payload: Payload,
  iat: number,
  { policy, now }: Expectations,
): void {
  const { scope, jti, exp } = payload;
  if (typeof scope !== "string" || typeof jti !== "string" || jti === "") {
    throw new UnauthorizedError("wrong_token_kind");
  }
  if (exp === undefined) {
    return;
  }
  if (!isWholeSeconds(exp) || exp - iat <= policy.maxLifetimeSeconds) {
    throw new UnauthorizedError("wrong_token_kind");
  }
  if (now / 1000 >= exp) {
    throw new UnauthorizedError("invalid_lifetime");
  }
}

/** OpenID Connect Core 3.1.3.7, without its leave to trust other audiences. */
function checkAudience({ aud, azp }: Payload, clientId: string): void {
  const isOurs =
    aud === clientId || (Array.isArray(aud) && aud.length === 1 && aud[0] === clientId);
  if (!isOurs || (azp !== undefined && azp !== clientId)) {
    throw new UnauthorizedError("invalid_audience");
  }
}

function isWholeSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
