/**
 * Verifies the signature of a JWS by node:crypto, in every supported algorithm of JWA (RFC 7518
 * section 3, RFC 8037 section 3.1). Why not by aws-jwt-verify:
 * docs/decisions/0052-one-pass-over-a-token.md.
 */
import { constants, type KeyObject, verify, type VerifyKeyObjectInput } from "node:crypto";
import { toDerSignature } from "./ecdsa-der";
import type { Alg } from "./jwk";

export interface SignedBytes {
  /** Header and payload as they were signed (RFC 7515 section 5.1). */
  readonly signingInput: Buffer;
  readonly signature: Buffer;
}

/**
 * Never throws for anything in `signed`: malformed bytes are no signature.
 * @param key is for that algorithm
 */
export function isSignature(alg: Alg, signed: SignedBytes, key: KeyObject): boolean {
  switch (alg) {
    case "ES256":
      return isEcdsa("sha256", 32, signed, key);
    case "ES384":
      return isEcdsa("sha384", 48, signed, key);
    case "ES512":
      return isEcdsa("sha512", 66, signed, key);
    case "EdDSA":
      return verify(null, signed.signingInput, key, signed.signature);
    default:
      return isRsa(alg, signed, key);
  }
}

/** @param size of r and of s, in bytes */
function isEcdsa(
  hash: string,
  size: number,
  { signingInput, signature }: SignedBytes,
  key: KeyObject,
): boolean {
  if (signature.length !== 2 * size) {
    return false;
  }
  // Node takes r ‖ s too, but has to be told so by an object: half as much again, on Node 24.
  return verify(hash, signingInput, key, toDerSignature(signature));
}

function isRsa(
  alg: Exclude<Alg, "ES256" | "ES384" | "ES512" | "EdDSA">,
  { signingInput, signature }: SignedBytes,
  key: KeyObject,
): boolean {
  const { modulusLength = NaN } = key.asymmetricKeyDetails ?? {};
  // RFC 8017 sections 8.1.2 and 8.2.2, step 1. For RSASSA-PSS, OpenSSL takes one without its
  // leading zeros, too: the same token would have two spellings, and hashes that say that it was
  // seen before would not know it.
  if (signature.length !== Math.ceil(modulusLength / 8)) {
    return false;
  }
  const how: KeyObject | VerifyKeyObjectInput = alg.startsWith("PS")
    ? {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        // As long as the hash, never as long as the signature chooses.
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      }
    : key;
  return verify(`sha${alg.slice(2)}`, signingInput, how, signature);
}
