/**
 * The signature, checked by aws-jwt-verify with one key of our own key set; its checks of `iss`,
 * `aud` and `exp` come on top.
 */
// Not from the package itself, whose entry brings the verifier of Cognito along.
import {
  JwtExpiredError,
  JwtInvalidAudienceError,
  JwtInvalidIssuerError,
  JwtNotBeforeError,
} from "aws-jwt-verify/error";
import type { JwksCache, JwkWithKid } from "aws-jwt-verify/jwk";
import { JwtVerifier } from "aws-jwt-verify/jwt-verifier";
import { UnauthorizedError, type UnauthorizedReason } from "../errors";
import type { IdTokenPolicy } from "../ports/profile";
import type { UsableJwk } from "./jwk";
import type { UnverifiedJwt } from "./jwt-grammar";
import { isPs256Signature } from "./ps256";

export interface SignatureOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly jwksUri: string;
  readonly policy: IdTokenPolicy;
}

/** `key` is one for the `alg` of the header. @throws UnauthorizedError */
export type CheckSignature = (token: string, jwt: UnverifiedJwt, key: UsableJwk) => void;

export function createSignatureCheck(options: SignatureOptions): CheckSignature {
  /**
   * The library finds keys by `kid`, and remembers them; a verifier per key keeps it from ever
   * taking another one.
   */
  const verifiers = new WeakMap<UsableJwk, ReturnType<typeof createVerifier>>();

  function verifierOf(key: UsableJwk) {
    const verifier = verifiers.get(key) ?? createVerifier(options, key);
    verifiers.set(key, verifier);
    return verifier;
  }

  return (token, { header }, key) => {
    if (header.alg === "PS256") {
      checkPs256(token, key);
      return;
    }
    // Outside of `try`: settings that the library refuses are not the caller's fault.
    const verifier = verifierOf(key);
    try {
      verifier.verifySync(token);
    } catch (error) {
      // Its messages quote claims of the token, so not even a cause is passed on.
      throw new UnauthorizedError(reasonOf(error));
    }
  };
}

function createVerifier(options: SignatureOptions, key: UsableJwk) {
  // A key needs no name (RFC 7517 section 4.5), the library wants one.
  const jwk = { kid: "", ...key } as JwkWithKid;
  // `cacheJwks` and `verifySync` ask for nothing else.
  const jwksCache: Partial<JwksCache> = { addJwks: () => undefined, getCachedJwk: () => jwk };
  const verifier = JwtVerifier.create(
    {
      issuer: options.issuer,
      audience: options.clientId,
      jwksUri: options.jwksUri,
      graceSeconds: options.policy.clockToleranceSeconds,
    },
    { jwksCache: jwksCache as JwksCache },
  );
  // Refuses settings that it could not verify with.
  verifier.cacheJwks({ keys: [jwk] });
  return verifier;
}

function checkPs256(token: string, jwk: UsableJwk): void {
  const signatureAt = token.lastIndexOf(".");
  const signingInput = Buffer.from(token.slice(0, signatureAt));
  const signature = Buffer.from(token.slice(signatureAt + 1), "base64url");
  if (!isPs256Signature(signingInput, signature, jwk)) {
    throw new UnauthorizedError("invalid_signature");
  }
}

/**
 * Of the claims, only time can be seen differently here: the library has a clock of its own. The
 * rest is for the day our checks break.
 */
const CLAIM_ERRORS = [
  [JwtExpiredError, "invalid_lifetime"],
  [JwtNotBeforeError, "invalid_lifetime"],
  [JwtInvalidIssuerError, "invalid_issuer"],
  [JwtInvalidAudienceError, "invalid_audience"],
] as const;

/**
 * Anything else, Node's own errors about impossible signatures included, is about the signature.
 */
function reasonOf(error: unknown): UnauthorizedReason {
  return CLAIM_ERRORS.find(([type]) => error instanceof type)?.[1] ?? "invalid_signature";
}
