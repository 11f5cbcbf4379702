/**
 * RSASSA-PSS (RFC 7518 section 3.5), the supported algorithms that aws-jwt-verify lacks
 * (docs/decisions/0010-rsa-pss-by-node-crypto.md).
 */
import { constants, createPublicKey, verify } from "node:crypto";
import type { Alg, UsableJwk } from "./jwk";

/** For content and mask alike. */
const HASHES = { PS256: "sha256", PS384: "sha384", PS512: "sha512" } as const;

export type RsaPssAlg = keyof typeof HASHES;

export function isRsaPss(alg: Alg): alg is RsaPssAlg {
  return Object.hasOwn(HASHES, alg);
}

/**
 * Takes `signature` as raw bytes. Never throws for anything in it: malformed bytes are no
 * signature.
 */
export function isRsaPssSignature(
  alg: RsaPssAlg,
  { signingInput, signature }: Readonly<Record<"signingInput" | "signature", Uint8Array>>,
  jwk: UsableJwk,
): boolean {
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const { modulusLength = NaN } = key.asymmetricKeyDetails ?? {};
  // RFC 8017 section 8.1.2, step 1. OpenSSL takes one without its leading zeros, too: the same
  // token would have two spellings, and hashes that say that it was seen before would not know it.
  if (signature.length !== Math.ceil(modulusLength / 8)) {
    return false;
  }
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  // The salt is as long as the hash, never as long as the signature chooses.
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  return verify(HASHES[alg], signingInput, { key, padding, saltLength }, signature);
}
