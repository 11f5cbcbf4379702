import crypto from "node:crypto";
import { ParameterValidationError } from "aws-jwt-verify/error";
import { createIdTokenVerifier } from "../../../lambda/auth/id-token-verifier";
import type { UsableJwk } from "../../../lambda/auth/jwk";
import type { IdpSettings } from "../../../lambda/env";
import { createIdentity } from "../../../lambda/idp/identity";
import { createTokenJudge, type TokenJudge } from "../../support/token-judge";
import { ALICE, createTestKey } from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";

let api: TokenJudge;

beforeEach(() => {
  api = createTokenJudge();
});

afterEach(() => {
  api.clock.restore();
});

test("S06: a refresh token that is handed in is as easily made up as a bearer: its kid has no reload of its own", async () => {
  await api.judgeIdToken({});
  for (const kid of ["1682004114890", "1682004114895", "1682004114897"]) {
    const refreshToken = api.issuer.refreshToken({ header: { kid } });
    await expect(api.refreshTokens.verify(refreshToken, ALICE)).rejects.toThrow();
  }
  expect(api.server.requests).toHaveLength(2);
});

test("no key at all verifies nothing", async () => {
  const settings = ROLLUP_SETTINGS;
  const keySet = { ready: () => Promise.resolve(), keysFor: () => Promise.resolve([]) };
  const identity = createIdentity(settings);
  const verifier = createIdTokenVerifier({ settings, identity, keySet, clock: api.clock });
  await expect(verifier.verify(api.issuer.idToken())).rejects.toMatchObject({
    name: "UnauthorizedError",
    reason: "unknown_key",
  });
});

test("settings that the library refuses are nobody's 401", async () => {
  const settings = { ...ROLLUP_SETTINGS, issuer: undefined } as unknown as IdpSettings;
  const keys = [...api.issuer.jwks().keys, createTestKey("b", "ES256").publicJwk] as UsableJwk[];
  const keySet = { ready: () => Promise.resolve(), keysFor: () => Promise.resolve(keys) };
  const { clock } = api;
  const identity = createIdentity(settings);
  const verifier = createIdTokenVerifier({ settings, identity, keySet, clock });
  const token = api.issuer.idToken({ claims: { iss: undefined } });
  const verify = jest.spyOn(crypto, "verify");
  await expect(verifier.verify(token)).rejects.toBeInstanceOf(ParameterValidationError);
  // Nor is another key tried.
  expect(verify).toHaveBeenCalledTimes(1);
  verify.mockRestore();
});
