/**
 * ID tokens, and nothing that looks like them. The provider signs ID, access and refresh tokens with one key, issuer, audience and
 * `typ`, and aws-jwt-verify by itself takes any of them; this adds the closed policy (S01 to S20).
 */
import { createHash } from "node:crypto";
import type { VerifiedIdToken } from "../model";
import type { IdTokenVerifier } from "../ports";
import { checkIdTokenClaims } from "./claim-checks";
import { createJwtVerifier, type VerifierOptions } from "./jwt-verifier";

export function createIdTokenVerifier(options: VerifierOptions): IdTokenVerifier {
  const verify = createJwtVerifier(options, checkIdTokenClaims);

  async function verified(idToken: string, isBearer: boolean): Promise<VerifiedIdToken> {
    const { sub, iat, payload, kind: exp } = await verify(idToken, isBearer);
    return {
      sub,
      issuedAt: iat * 1000,
      expiresAt: exp * 1000,
      claims: options.profile.pickClaims(payload),
      nonce: typeof payload["nonce"] === "string" ? payload["nonce"] : undefined,
      tokenHash: createHash("sha256").update(idToken).digest("base64url"),
    };
  }

  return {
    verify: async (idToken) => await verified(idToken, false),
    verifyBearer: async (idToken) => await verified(idToken, true),
  };
}
