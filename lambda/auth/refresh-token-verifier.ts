/**
 * Verifies refresh tokens that are JWTs: shows that one was issued to this client for the caller,
 * before anything is stored (S26).
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
        // The token is a member of the body: a bad one makes the request invalid, while the
        // caller's own token was valid.
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
