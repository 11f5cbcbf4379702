/**
 * Refresh tokens that are JWTs: shows that one is ours and the caller's own, before anything is
 * stored (S26).
 */
import { InvalidRequestError, UnauthorizedError } from "../errors";
import type { RefreshTokenVerifier } from "../ports/tokens";
import { checkRefreshTokenClaims } from "./claim-checks";
import { createJwtVerifier, type VerifierOptions } from "./jwt-verifier";

export function createRefreshTokenVerifier(options: VerifierOptions): RefreshTokenVerifier {
  const verify = createJwtVerifier(options, checkRefreshTokenClaims);

  return {
    async verify(refreshToken, sub) {
      const verified = await verify(refreshToken, "body").catch((error: unknown) => {
        // It is a member of the body: a bad one is the request's fault, and the caller's own token
        // was fine.
        throw error instanceof UnauthorizedError
          ? new InvalidRequestError("not_a_refresh_token", { cause: error })
          : error;
      });
      if (verified.sub !== sub) {
        throw new InvalidRequestError("foreign_subject");
      }
    },
  };
}
