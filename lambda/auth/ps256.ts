/**
 * RSASSA-PSS with SHA-256, the one supported algorithm that aws-jwt-verify lacks
 * (docs/decisions/0010-ps256-by-node-crypto.md).
 */
import { constants, createPublicKey, verify } from "node:crypto";
import type { UsableJwk } from "./jwk";

/**
 * RFC 7518 section 3.5: the salt is as long as the hash, never as long as the signature chooses.
 */
const SALT_BYTES = 32;

/**
 * Takes `signature` as raw bytes. Never throws for anything in it: malformed bytes are no
 * signature.
 */
export function isPs256Signature(
  signingInput: Uint8Array,
  signature: Uint8Array,
  jwk: UsableJwk,
): boolean {
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return verify("sha256", signingInput, { key, padding, saltLength: SALT_BYTES }, signature);
}
