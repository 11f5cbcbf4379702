/**
 * One sealed secret: `version (1 byte) | length of the wrapped key (2) | wrapped key | nonce (12) |
 * tag (16) | ciphertext`.
 *
 * AES-256-GCM under a key that HKDF-SHA256 (RFC 5869) derives from the data key with the purpose as
 * `info`: the two secrets of one write have a key each, so no key ever meets two nonces (S38).
 *
 * Keys are overwritten where that is free: derived keys after their one use, a data key after
 * opening. The data key of a `SealingKey` lives as long as its request: it is needed until the last
 * secret is sealed, and the secrets are strings, which nothing can overwrite.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { SecretPurpose } from "../ports/crypto";

export const FORMAT = 1;

const HEADER_BYTES = 3;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const ALGORITHM = "aes-256-gcm";

export interface DataKey {
  readonly plaintext: Uint8Array;
  readonly wrapped: Uint8Array;
}

export interface Binding {
  readonly purpose: SecretPurpose;
  readonly additionalData: Uint8Array;
}

export interface Envelope {
  readonly wrappedKey: Uint8Array;
  readonly nonce: Uint8Array;
  readonly tag: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export function seal(plaintext: string, key: DataKey, binding: Binding): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(FORMAT, 0);
  header.writeUInt16BE(key.wrapped.length, 1);
  const nonce = randomBytes(NONCE_BYTES);
  const secretKey = derive(key.plaintext, binding.purpose);
  const cipher = createCipheriv(ALGORITHM, secretKey, nonce, {
    authTagLength: TAG_BYTES,
  }).setAAD(binding.additionalData);
  secretKey.fill(0);
  const ciphertext = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
  return Buffer.concat([header, key.wrapped, nonce, cipher.getAuthTag(), ciphertext]);
}

/**
 * Key derivation takes a key of any length, an empty one too, so the length is checked where the
 * key comes from.
 */
export function isDataKey(bytes: Uint8Array | undefined): bytes is Uint8Array {
  return bytes?.length === KEY_BYTES;
}

/** Splits an envelope; undefined where the bytes are none. */
export function parseEnvelope(bytes: Uint8Array): Envelope | undefined {
  const buffer = Buffer.from(bytes);
  if (buffer.length < HEADER_BYTES || buffer.readUInt8(0) !== FORMAT) {
    return undefined;
  }
  const nonceAt = HEADER_BYTES + buffer.readUInt16BE(1);
  const tagAt = nonceAt + NONCE_BYTES;
  const ciphertextAt = tagAt + TAG_BYTES;
  if (nonceAt === HEADER_BYTES || buffer.length < ciphertextAt) {
    return undefined;
  }
  return {
    wrappedKey: buffer.subarray(HEADER_BYTES, nonceAt),
    nonce: buffer.subarray(nonceAt, tagAt),
    tag: buffer.subarray(tagAt, ciphertextAt),
    ciphertext: buffer.subarray(ciphertextAt),
  };
}

/** @throws Error where the tag does not match; it says nothing more (S37). */
export function open(envelope: Envelope, dataKey: Uint8Array, binding: Binding): string {
  const secretKey = derive(dataKey, binding.purpose);
  const decipher = createDecipheriv(ALGORITHM, secretKey, envelope.nonce, {
    authTagLength: TAG_BYTES,
  })
    .setAAD(binding.additionalData)
    .setAuthTag(envelope.tag);
  secretKey.fill(0);
  const plaintext = Buffer.concat([decipher.update(envelope.ciphertext), decipher.final()]);
  return plaintext.toString("utf8");
}

function derive(dataKey: Uint8Array, purpose: SecretPurpose): Buffer {
  const info = `rollup-vault/v${String(FORMAT)}/${purpose}`;
  return Buffer.from(hkdfSync("sha256", dataKey, new Uint8Array(0), info, KEY_BYTES));
}
