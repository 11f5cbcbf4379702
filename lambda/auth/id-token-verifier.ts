/**
 * Verifies ID tokens, and nothing that looks like them. The provider signs ID, access and refresh
 * tokens with one key, issuer, audience and `typ`, and aws-jwt-verify by itself accepts any of
 * them; this adds the closed policy (S01 to S20).
 */
import { createHash } from "node:crypto";
import type { VerifiedIdToken } from "../model";
import type { IdTokenVerifier } from "../ports/tokens";
import { checkIdTokenClaims } from "./claim-checks";
import { createJwtVerifier, type TokenSource, type VerifierOptions } from "./jwt-verifier";

export function createIdTokenVerifier(options: VerifierOptions): IdTokenVerifier {
  const verify = createJwtVerifier(options, checkIdTokenClaims);

  async function read(idToken: string, source: TokenSource): Promise<VerifiedIdToken> {
    const { sub, iat, payload, kind: exp } = await verify(idToken, source);
    return {
      sub,
      issuedAt: iat * 1000,
      expiresAt: exp * 1000,
      claims: options.identity.pickClaims(payload),
      nonce: typeof payload["nonce"] === "string" ? payload["nonce"] : undefined,
      tokenHash: createHash("sha256").update(signingInput(idToken)).digest("base64url"),
    };
  }

  return {
    ready: async () => {
      await options.keySet.ready();
    },
    verify: async (idToken) => await read(idToken, "bearer"),
    verifyExchanged: async (idToken) => await read(idToken, "token_endpoint"),
  };
}

/**
 * Header and payload (RFC 7515 section 5.1), of which the grammar admits only one spelling. The
 * signature is not part of a token's identity: with ECDSA any holder can compute a second valid
 * one, (r, n - s).
 */
function signingInput(jws: string): string {
  return jws.slice(0, jws.lastIndexOf("."));
}
