/** What has to be deployed for a provider, as lambda/idp/profiles/ reads the same settings. */
import type { IdpSettings } from "../lambda/env";
import { DEFAULT_REFRESH_TOKEN_FORMAT, DEFAULT_ROTATION } from "../lambda/facts";

export interface ProviderNeeds {
  /**
   * Refresh tokens are replaced with each use: somebody has to come back for a holder that died.
   */
  readonly rotates: boolean;
  /**
   * Something can be due: a grant whose holder died, or one that its provider would let lapse. Then
   * there are a queue and its consumer.
   */
  readonly hasDue: boolean;
  /** Nothing in a refresh token shows whose it is: one that is handed in is refreshed. */
  readonly hasOpaqueTokens: boolean;
}

export function needsOf(idp: IdpSettings): ProviderNeeds {
  const isOidc = idp.profile === "oidc";
  const rotates = isOidc && (idp.refreshTokenRotation ?? DEFAULT_ROTATION) !== "none";
  const format = idp.refreshTokenFormat ?? DEFAULT_REFRESH_TOKEN_FORMAT;
  return {
    rotates,
    hasDue: rotates || (isOidc && idp.refreshTokenIdleSeconds !== undefined),
    hasOpaqueTokens: isOidc && format === "opaque",
  };
}
