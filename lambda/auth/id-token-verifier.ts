/**
 * Verifies ID tokens, and nothing that looks like them. The provider signs ID, access and refresh
 * tokens with one key, issuer, audience and `typ`, and aws-jwt-verify by itself accepts any of
 * them; this adds the closed policy (S01 to S20).
 */
import { hash } from "node:crypto";
import type { VerifiedIdToken } from "../model";
import type { IdTokenVerifier } from "../ports/tokens";
import { checkIdTokenClaims } from "./claim-checks";
import { createJwtVerifier, type TokenSource, type VerifierOptions } from "./jwt-verifier";

export function createIdTokenVerifier(options: VerifierOptions): IdTokenVerifier {
  const verify = createJwtVerifier(options, checkIdTokenClaims);

  async function read(idToken: string, source: TokenSource): Promise<VerifiedIdToken> {
    const { sub, iat, jwt, kind: exp } = await verify(idToken, source);
    const { nonce } = jwt.payload;
    return {
      sub,
      issuedAt: iat * 1000,
      expiresAt: exp * 1000,
      claims: options.identity.pickClaims(jwt.payload),
      nonce: typeof nonce === "string" ? nonce : undefined,
      // The grammar admits one spelling of it alone. The signature is not part of a token's
      // identity: with ECDSA any holder can compute a second valid one, (r, n - s).
      tokenHash: hash("sha256", jwt.signingInput, "base64url"),
    };
  }

  return {
    ready: async () => {
      await options.keySet.ready();
    },
    verify: (idToken) => read(idToken, "bearer"),
    verifyExchanged: (idToken) => read(idToken, "token_endpoint"),
  };
}
