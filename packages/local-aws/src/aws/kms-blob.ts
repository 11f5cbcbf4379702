/**
 * The local KMS's ciphertext blob: format (1 byte) · length of the key ARN (2) · key ARN · key
 * version (4) · nonce (12) · tag (16) · AES-256-GCM ciphertext. Everything before the nonce and
 * the encryption context are authenticated with it.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { AwsError } from "./call";
import type { Key } from "./kms-keys";

export type EncryptionContext = Readonly<Record<string, string>>;

const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Under the key's newest version. */
export function sealBlob(key: Key, plaintext: Uint8Array, context: EncryptionContext): Buffer {
  const version = key.versions.length - 1;
  const header = writeHeader(key.arn, version);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", material(key, version), nonce);
  cipher.setAAD(Buffer.concat([header, canonical(context)]));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), ciphertext]);
}

/** @throws AwsError InvalidCiphertextException for every defect alike */
export function openBlob(key: Key, blob: Buffer, context: EncryptionContext): Buffer {
  try {
    const { arn, version, end } = readHeader(blob);
    const nonce = blob.subarray(end, end + NONCE_BYTES);
    const tag = blob.subarray(end + NONCE_BYTES, end + NONCE_BYTES + TAG_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", material(key, version), nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.concat([writeHeader(arn, version), canonical(context)]));
    decipher.setAuthTag(tag);
    const ciphertext = blob.subarray(end + NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch {
    throw new AwsError("InvalidCiphertextException", "The ciphertext cannot be decrypted");
  }
}

/** ARN of the key that the blob says it was made with; not yet authenticated. */
export function unverifiedKeyArn(blob: Buffer): string | undefined {
  try {
    return readHeader(blob).arn;
  } catch {
    return undefined;
  }
}

/** Index in `key.versions` that the blob was made with; call it on a blob that was opened. */
export function blobVersion(blob: Buffer): number {
  return readHeader(blob).version;
}

function writeHeader(arn: string, version: number): Buffer {
  const name = Buffer.from(arn, "utf8");
  const header = Buffer.alloc(3 + name.length + 4);
  header.writeUInt8(FORMAT, 0);
  header.writeUInt16BE(name.length, 1);
  name.copy(header, 3);
  header.writeUInt32BE(version, 3 + name.length);
  return header;
}

function readHeader(blob: Buffer): { arn: string; version: number; end: number } {
  if (blob.readUInt8(0) !== FORMAT) {
    throw new RangeError("unknown format");
  }
  const end = 3 + blob.readUInt16BE(1);
  return { arn: blob.toString("utf8", 3, end), version: blob.readUInt32BE(end), end: end + 4 };
}

function material(key: Key, version: number): Buffer {
  const found = key.versions[version];
  if (found === undefined) {
    throw new RangeError("unknown version");
  }
  return Buffer.from(found.material, "base64");
}

/** Sorted and length-prefixed: two different contexts never have the same bytes. */
function canonical(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1));
  const parts = pairs.flat().flatMap((text) => {
    const bytes = Buffer.from(text, "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(parts);
}
