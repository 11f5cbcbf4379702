/**
 * The last value that is believed beside the first one that is not, where no signature and no
 * library comes in between.
 */
import {
  checkCommonClaims,
  checkIdTokenClaims,
  checkRefreshTokenClaims,
  type Expectations,
} from "../../../lambda/auth/claim-checks";
import type { IdTokenPolicy } from "../../../lambda/ports/profile";

const NOW = 1_000_000;
const TOLERANCE = 60;
const LIFETIME = 3_600;

const policy: IdTokenPolicy = {
  algs: ["ES256"],
  types: ["JWT"],
  maxBytes: 1_000,
  subPattern: /^a+$/,
  maxLifetimeSeconds: LIFETIME,
  clockToleranceSeconds: TOLERANCE,
  forbiddenClaims: ["scope"],
};
const expected: Expectations = {
  issuer: "i",
  clientId: "c",
  policy,
  now: NOW * 1_000,
  isBearer: false,
};
const common = { iss: "i", aud: "c", sub: "a", iat: NOW };

function reasonOf(check: () => unknown): unknown {
  try {
    check();
    return "believed";
  } catch (error) {
    return (error as { reason?: unknown }).reason;
  }
}

const ofCommon = (claims: object) =>
  reasonOf(() => checkCommonClaims({ ...common, ...claims }, expected));

test.each([
  [255, "believed"],
  [256, "invalid_subject"],
])("S14: a subject of %i characters: %s", (length, verdict) => {
  expect(ofCommon({ sub: "a".repeat(length) })).toBe(verdict);
});

test.each([
  [{ iat: 0 }, "believed"],
  [{ iat: -1 }, "invalid_lifetime"],
  [{ iat: NOW + TOLERANCE }, "believed"],
  [{ iat: NOW + TOLERANCE + 1 }, "invalid_lifetime"],
  [{ nbf: NOW + TOLERANCE }, "believed"],
  [{ nbf: NOW + TOLERANCE + 1 }, "invalid_lifetime"],
  [{ nbf: -1 }, "invalid_lifetime"],
])("S12: %j: %s", (claims, verdict) => {
  expect(ofCommon(claims)).toBe(verdict);
});

test.each([
  [NOW - TOLERANCE + 1, "believed"],
  [NOW - TOLERANCE, "invalid_lifetime"],
])("S12: an ID token with exp %i: %s", (exp, verdict) => {
  expect(reasonOf(() => checkIdTokenClaims({ exp }, exp - 1, expected))).toBe(verdict);
});

test.each([
  [{ scope: "", jti: "1" }, "believed"],
  [{ scope: "", jti: "" }, "wrong_token_kind"],
  [{ scope: "" }, "wrong_token_kind"],
  [{ jti: "1" }, "wrong_token_kind"],
  [{ scope: "", jti: "1", exp: NOW - 9 * LIFETIME + LIFETIME }, "wrong_token_kind"],
  [{ scope: "", jti: "1", exp: NOW + 1 }, "believed"],
  [{ scope: "", jti: "1", exp: NOW }, "invalid_lifetime"],
])("S26: a refresh token with %j: %s", (payload, verdict) => {
  expect(
    reasonOf(() => {
      checkRefreshTokenClaims(payload, NOW - 9 * LIFETIME, expected);
    }),
  ).toBe(verdict);
});
