/** The signature, checked by aws-jwt-verify with keys of our own key set; its checks of `iss`, `aud` and `exp` come on top. */
import { JwtVerifier } from "aws-jwt-verify";
import {
  JwtExpiredError,
  JwtInvalidAudienceError,
  JwtInvalidIssuerError,
  JwtNotBeforeError,
} from "aws-jwt-verify/error";
import { UnauthorizedError, type UnauthorizedReason } from "../errors";
import type { IdTokenPolicy } from "../ports";
import { isKeyFor, type KeySetSnapshot, type UsableJwk } from "./jwk";
import type { UnverifiedJwt } from "./jwt-grammar";
import { isPs256Signature } from "./ps256";

export interface SignatureOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly jwksUri: string;
  readonly policy: IdTokenPolicy;
}

/** @throws UnauthorizedError */
export type CheckSignature = (token: string, jwt: UnverifiedJwt, keys: KeySetSnapshot) => void;

export function createSignatureCheck(options: SignatureOptions): CheckSignature {
  /** The library remembers imported keys by `kid`; a verifier per key set keeps a replaced key from living on in it. */
  const verifiers = new WeakMap<KeySetSnapshot, ReturnType<typeof createVerifier>>();

  function verifierOf(snapshot: KeySetSnapshot) {
    const verifier = verifiers.get(snapshot) ?? createVerifier(options, snapshot);
    verifiers.set(snapshot, verifier);
    return verifier;
  }

  return (token, { header }, snapshot) => {
    const jwk = snapshot.keys.get(header.kid);
    // The library would verify an `RS256` header with an elliptic curve key whose `alg` is absent.
    if (jwk === undefined || !isKeyFor(header.alg, jwk)) {
      throw new UnauthorizedError("disallowed_algorithm");
    }
    if (header.alg === "PS256") {
      checkPs256(token, jwk);
      return;
    }
    // Outside of `try`: settings that the library refuses are not the caller's fault.
    const verifier = verifierOf(snapshot);
    try {
      verifier.verifySync(token);
    } catch (error) {
      // Its messages quote claims of the token, so not even a cause is passed on.
      throw new UnauthorizedError(reasonOf(error));
    }
  };
}

function createVerifier(options: SignatureOptions, snapshot: KeySetSnapshot) {
  const verifier = JwtVerifier.create({
    issuer: options.issuer,
    audience: options.clientId,
    jwksUri: options.jwksUri,
    graceSeconds: options.policy.clockToleranceSeconds,
  });
  verifier.cacheJwks({ keys: [...snapshot.keys.values()] });
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

/** Of the claims, only time can be seen differently here: the library has a clock of its own. The rest is for the day our checks break. */
const CLAIM_ERRORS = [
  [JwtExpiredError, "invalid_lifetime"],
  [JwtNotBeforeError, "invalid_lifetime"],
  [JwtInvalidIssuerError, "invalid_issuer"],
  [JwtInvalidAudienceError, "invalid_audience"],
] as const;

/** Anything else, Node's own errors about impossible signatures included, is about the signature. */
function reasonOf(error: unknown): UnauthorizedReason {
  return CLAIM_ERRORS.find(([type]) => error instanceof type)?.[1] ?? "invalid_signature";
}
