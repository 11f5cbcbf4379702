/**
 * Checks the signature with one key of our own key set; aws-jwt-verify's checks of `iss`, `aud` and
 * the times come on top.
 */
import { createPublicKey, type KeyObject } from "node:crypto";
// Not from the package's main entry, which also loads the verifier of Cognito.
import {
  JwtExpiredError,
  JwtInvalidAudienceError,
  JwtInvalidIssuerError,
  JwtNotBeforeError,
} from "aws-jwt-verify/error";
import { validateJwtFields } from "aws-jwt-verify/jwt";
import type { JwtPayload } from "aws-jwt-verify/jwt-model";
import type { IdpSettings } from "../env";
import { UnauthorizedError } from "../errors";
import { issuersOf } from "../issuer";
import type { IdTokenPolicy } from "../ports/profile";
import { isKeyFor, type UsableJwk } from "./jwk";
import { isSignature } from "./jws";
import type { UnverifiedJwt } from "./jwt-grammar";

export interface SignatureOptions {
  readonly settings: Pick<IdpSettings, "issuer" | "acceptedIssuers" | "clientId">;
  readonly policy: Pick<IdTokenPolicy, "clockToleranceSeconds">;
}

/** @throws UnauthorizedError */
export type CheckSignature = (jwt: UnverifiedJwt, key: UsableJwk) => void;

export function createSignatureCheck(options: SignatureOptions): CheckSignature {
  const checkFields = createFieldCheck(options);
  /** To import a key takes as long as to verify a signature. */
  const imported = new WeakMap<UsableJwk, KeyObject>();

  function keyObjectOf(jwk: UsableJwk): KeyObject {
    const key = imported.get(jwk) ?? createPublicKey({ key: jwk, format: "jwk" });
    imported.set(jwk, key);
    return key;
  }

  return (jwt, key) => {
    const { alg } = jwt.header;
    // The keys were chosen by that already; none must ever verify what it is not for.
    if (!isKeyFor(alg, key) || !isSignature(alg, jwt, keyObjectOf(key))) {
      throw new UnauthorizedError("invalid_signature");
    }
    checkFields(jwt.payload);
  };
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

function createFieldCheck({ settings, policy }: SignatureOptions) {
  const { issuer, acceptedIssuers, clientId: audience } = settings;
  const options = {
    issuer: acceptedIssuers === undefined ? issuer : [...issuersOf(settings)],
    audience,
    graceSeconds: policy.clockToleranceSeconds,
  };

  return (payload: UnverifiedJwt["payload"]): void => {
    try {
      validateJwtFields(payload as JwtPayload, options);
    } catch (error) {
      const reason = CLAIM_ERRORS.find(([type]) => error instanceof type)?.[1];
      // The library's messages quote claims of the token, so not even a cause is passed on. Any
      // other error is about settings that it refuses, which is not the caller's fault.
      throw reason === undefined ? error : new UnauthorizedError(reason);
    }
  };
}
