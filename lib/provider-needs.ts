/** What a provider needs to be deployed. lambda/idp/profiles/ reads the same settings. */
import {
  type ClientCredential,
  clientCredentialOf,
  type ClientKeys,
  clientKeysOf,
} from "../lambda/client-authentication";
import type { IdpSettings } from "../lambda/env";
import { DEFAULT_REFRESH_TOKEN_FORMAT, DEFAULT_ROTATION } from "../lambda/facts";

export interface ProviderNeeds {
  /** Each refresh replaces the refresh token, so a crash between the two needs recovery. */
  readonly rotates: boolean;
  /**
   * Grants can be due: after a crash, or before the provider lets an unused token lapse. Then there
   * is a queue, and a function that consumes it.
   */
  readonly hasDue: boolean;
  /** Nothing in a refresh token shows whose it is, so one that is handed in is refreshed. */
  readonly hasOpaqueTokens: boolean;
  /** By what a function shows the provider that it is this client. */
  readonly credential: ClientCredential;
  /** Keys that sign as this client, also before they are used. */
  readonly clientKeys: ClientKeys | undefined;
}

export function needsOf(idp: IdpSettings): ProviderNeeds {
  const isOidc = idp.profile === "oidc";
  const rotates = isOidc && (idp.refreshTokenRotation ?? DEFAULT_ROTATION) !== "none";
  const format = idp.refreshTokenFormat ?? DEFAULT_REFRESH_TOKEN_FORMAT;
  return {
    rotates,
    hasDue: rotates || (isOidc && idp.refreshTokenIdleSeconds !== undefined),
    hasOpaqueTokens: isOidc && format === "opaque",
    credential: clientCredentialOf(idp),
    clientKeys: clientKeysOf(idp),
  };
}
