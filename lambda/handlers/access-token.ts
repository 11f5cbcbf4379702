/**
 * Where the provider does not rotate refresh tokens: a crashed caller loses nothing, so there is no
 * recovery queue, and its client is not in the bundle.
 */
import { createAccessTokenHandler } from "./access-token-routes";

export const handler = createAccessTokenHandler(({ profile }) => {
  if (profile.refreshToken.rotation !== "none") {
    throw new Error("this provider rotates refresh tokens: deploy access-token-rotating instead");
  }
  return undefined;
});
