/** The signature, checked by aws-jwt-verify with keys of our own key set; its checks of `iss`, `aud` and `exp` come on top. */
import { JwtVerifier } from "aws-jwt-verify";
import { UnauthorizedError } from "../errors";
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
      // Its messages quote claims of the token, so not even the cause is passed on.
      throw new UnauthorizedError("invalid_signature", { cause: nameOnly(error) });
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

function nameOnly(error: unknown): Error {
  const cause = new Error("rejected by aws-jwt-verify");
  cause.name = error instanceof Error ? error.name : "Error";
  return cause;
}
