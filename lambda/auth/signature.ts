/**
 * Checks the signature by aws-jwt-verify with one key of our own key set; the library's checks of
 * `iss`, `aud` and `exp` come on top.
 */
// Not from the package's main entry, which also loads the verifier of Cognito.
import {
  JwtExpiredError,
  JwtInvalidAudienceError,
  JwtInvalidIssuerError,
  JwtNotBeforeError,
} from "aws-jwt-verify/error";
import type { JwksCache, JwkWithKid } from "aws-jwt-verify/jwk";
import { JwtVerifier } from "aws-jwt-verify/jwt-verifier";
import type { IdpSettings } from "../env";
import { UnauthorizedError, type UnauthorizedReason } from "../errors";
import { issuersOf } from "../issuer";
import type { IdTokenPolicy } from "../ports/profile";
import type { UsableJwk } from "./jwk";
import type { UnverifiedJwt } from "./jwt-grammar";
import { isRsaPss, isRsaPssSignature, type RsaPssAlg } from "./rsa-pss";

export interface SignatureOptions {
  readonly settings: Pick<IdpSettings, "issuer" | "acceptedIssuers" | "clientId" | "jwksUri">;
  readonly policy: Pick<IdTokenPolicy, "clockToleranceSeconds">;
}

/**
 * @param key fits the `alg` of the header
 * @throws UnauthorizedError
 */
export type CheckSignature = (token: string, jwt: UnverifiedJwt, key: UsableJwk) => void;

export function createSignatureCheck(options: SignatureOptions): CheckSignature {
  /**
   * The library finds keys by `kid`, and caches them; one verifier per key keeps it from ever using
   * another key.
   */
  const verifiers = new WeakMap<UsableJwk, ReturnType<typeof createVerifier>>();

  function verifierOf(key: UsableJwk) {
    const verifier = verifiers.get(key) ?? createVerifier(options, key);
    verifiers.set(key, verifier);
    return verifier;
  }

  return (token, { header }, key) => {
    const { alg } = header;
    if (isRsaPss(alg)) {
      checkRsaPss(alg, token, key);
      return;
    }
    // Outside of `try`: settings that the library refuses are not the caller's fault.
    const verifier = verifierOf(key);
    try {
      verifier.verifySync(token);
    } catch (error) {
      // The library's messages quote claims of the token, so not even a cause is passed on.
      throw new UnauthorizedError(reasonOf(error));
    }
  };
}

function createVerifier({ settings, policy }: SignatureOptions, key: UsableJwk) {
  // A key needs no `kid` (RFC 7517 section 4.5), but the library wants one.
  const jwk = { kid: "", ...key } as JwkWithKid;
  // `cacheJwks` and `verifySync` use nothing else.
  const jwksCache: Partial<JwksCache> = { addJwks: () => undefined, getCachedJwk: () => jwk };
  const { clientId: audience, jwksUri } = settings;
  const graceSeconds = policy.clockToleranceSeconds;
  const issuers = issuersOf(settings);
  const verifier = JwtVerifier.create(
    issuers.map((issuer) => ({ issuer, audience, jwksUri, graceSeconds })),
    { jwksCache: jwksCache as JwksCache },
  );
  for (const issuer of issuers) {
    // Throws for settings that the library could not verify with.
    verifier.cacheJwks({ keys: [jwk] }, issuer);
  }
  return verifier;
}

function checkRsaPss(alg: RsaPssAlg, token: string, jwk: UsableJwk): void {
  const signatureAt = token.lastIndexOf(".");
  const signingInput = Buffer.from(token.slice(0, signatureAt));
  const signature = Buffer.from(token.slice(signatureAt + 1), "base64url");
  if (!isRsaPssSignature(alg, { signingInput, signature }, jwk)) {
    throw new UnauthorizedError("invalid_signature");
  }
}

/**
 * Our own checks of the claims come first, so the library can differ only about time: it has its
 * own clock. The other entries are for the day our checks break.
 */
const CLAIM_ERRORS = [
  [JwtExpiredError, "invalid_lifetime"],
  [JwtNotBeforeError, "invalid_lifetime"],
  [JwtInvalidIssuerError, "invalid_issuer"],
  [JwtInvalidAudienceError, "invalid_audience"],
] as const;

/** Every other error is about the signature, also Node's own about impossible signatures. */
function reasonOf(error: unknown): UnauthorizedReason {
  return CLAIM_ERRORS.find(([type]) => error instanceof type)?.[1] ?? "invalid_signature";
}
