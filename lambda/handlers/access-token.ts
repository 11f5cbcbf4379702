/**
 * The entry for providers that do not rotate refresh tokens: a crash loses nothing, so there is no
 * recovery queue, and the SQS client is not in the bundle.
 */
import { createAccessTokenHandler } from "./access-token-routes";

export const handler = createAccessTokenHandler(({ profile }) => {
  if (profile.refreshToken.rotation !== "none") {
    throw new Error("this provider rotates refresh tokens: deploy access-token-rotating instead");
  }
  return undefined;
});
