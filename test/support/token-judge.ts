/**
 * The black box with its reasons: every refusal is the same 401, so a test that looked at that
 * alone could pass for the wrong reason.
 */
import type { IdpSettings } from "../../lambda/env";
import type { Alg, Overrides } from "./tokens";
import { createUsersApi, ROLLUP_SETTINGS } from "./users-api";

export type TokenJudge = ReturnType<typeof createTokenJudge>;

export function createTokenJudge(settings: IdpSettings = ROLLUP_SETTINGS, alg: Alg = "ES256") {
  const api = createUsersApi(settings, alg);

  /** `believed`, or the logged reason of the 401, or another status as text. */
  async function judge(token: string): Promise<string> {
    const status = await api.verdict(token);
    if (status === 200 || status === 201) {
      return "believed";
    }
    return status === 401 ? (api.lastReason() ?? "no reason") : String(status);
  }

  /** Good, and of now, but for `header` and its age. */
  function token(header: Record<string, unknown> = {}, ageSeconds = 0): string {
    const iat = Math.floor(api.clock.now() / 1000) - ageSeconds;
    return api.issuer.idToken({ header, claims: { iat, exp: iat + 3600 } });
  }

  return {
    ...api,
    judge,
    token,
    fetches: () => api.server.requests.length,
    judgeIdToken: async (overrides: Overrides) => await judge(api.issuer.idToken(overrides)),
  };
}
