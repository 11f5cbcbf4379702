/** Envelope encryption, as the documentation of KMS describes it: a data key for each secret. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { z } from "zod";
import { environment, tracer } from "./base.mjs";

const kms = tracer.captureAWSv3Client(new KMSClient({}));
const KeyId = environment.GRANT_KEY_ARN;
const contextOf = (sub) => ({ EncryptionContext: { sub } });

const bytes = z.instanceof(Uint8Array);
/** As an attribute of an item. */
export const sealed = z.object({ key: bytes, nonce: bytes, tag: bytes, ciphertext: bytes });

export async function encrypt(sub, text) {
  const input = { KeyId, KeySpec: "AES_256", ...contextOf(sub) };
  const { Plaintext, CiphertextBlob } = await kms.send(new GenerateDataKeyCommand(input));
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", Plaintext, nonce);
  const ciphertext = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return { key: CiphertextBlob, nonce, tag: cipher.getAuthTag(), ciphertext };
}

export async function decrypt(sub, { key, nonce, tag, ciphertext }) {
  const input = { KeyId, CiphertextBlob: key, ...contextOf(sub) };
  const { Plaintext } = await kms.send(new DecryptCommand(input));
  const decipher = createDecipheriv("aes-256-gcm", Plaintext, nonce).setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString("utf8");
}
