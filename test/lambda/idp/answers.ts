/** Answers of a token endpoint, read as the code under test reads them. */
import type { IdpSettings } from "../../../lambda/env";
import { createProfile } from "../../../lambda/idp/profile";
import { readTokenAnswer } from "../../../lambda/idp/token-answer";
import type { HttpResponse } from "../../../lambda/ports/http-client";
import type { TokenOutcome } from "../../../lambda/ports/provider";
import { ALICE, createTestIssuer, NOW } from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";

export { ROLLUP_SETTINGS };
export const OIDC_SETTINGS: IdpSettings = {
  ...ROLLUP_SETTINGS,
  profile: "oidc",
  idTokenSigningAlgs: ["RS256"],
};
export const issuer = createTestIssuer();
export const accessToken = issuer.accessToken();

export function outcome(
  status: number,
  body: unknown,
  {
    settings = ROLLUP_SETTINGS,
    headers = {},
  }: { settings?: IdpSettings; headers?: HttpResponse["headers"] } = {},
): TokenOutcome {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = { status, headers, body: Buffer.from(text) };
  return readTokenAnswer(response, {
    settings,
    profile: createProfile(settings),
    sub: ALICE,
    now: NOW,
  });
}

export const rollupError = (code: string, message: string) => ({
  code,
  message,
  name: "RollupError",
  traceparent: "00-1",
});
