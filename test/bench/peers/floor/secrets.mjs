/** Secrets in envelopes: AES-256-GCM under a data key of KMS. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { call } from "./aws.mjs";

const KeyId = process.env.GRANT_KEY_ARN;
const contextOf = (sub) => ({ EncryptionContext: { sub } });

export async function newKey(sub) {
  const input = { KeyId, KeySpec: "AES_256", ...contextOf(sub) };
  const { Plaintext, CiphertextBlob } = await call("kms", "GenerateDataKey", input);
  return { plain: Buffer.from(Plaintext, "base64"), wrapped: CiphertextBlob };
}

export function seal({ plain, wrapped }, text) {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", plain, nonce);
  const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final()]);
  const parts = [wrapped, sealed.toString("base64"), cipher.getAuthTag().toString("base64")];
  return { S: parts.join(".") };
}

export async function open(sub, { S: text }) {
  const [CiphertextBlob, sealed, tag] = text.split(".");
  const { Plaintext } = await call("kms", "Decrypt", { KeyId, CiphertextBlob, ...contextOf(sub) });
  const bytes = Buffer.from(sealed, "base64");
  const key = Buffer.from(Plaintext, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
  decipher.setAuthTag(Buffer.from(tag, "base64"));
  return Buffer.concat([decipher.update(bytes.subarray(12)), decipher.final()]).toString("utf8");
}
