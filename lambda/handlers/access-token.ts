/** Where the provider does not rotate refresh tokens: nobody has to come back for a grant, and there is no queue. */
import { createAccessTokenHandler } from "./access-token-routes";

export const handler = createAccessTokenHandler(({ refreshToken }) => {
  if (refreshToken.rotation !== "none") {
    throw new Error("this provider rotates refresh tokens: deploy access-token-rotating instead");
  }
  return undefined;
});
