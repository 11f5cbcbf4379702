import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { InternalError } from "../../lambda/errors";
import type { Opener, SealContext, Sealer } from "../../lambda/ports/crypto";

/** Real AES-256-GCM under one local key, bound to the whole context; no KMS. */
export function createInMemoryCipher(): Sealer & Opener {
  const key = randomBytes(32);

  return {
    newKey: (context) =>
      Promise.resolve({
        seal: (plaintext, purpose) => {
          const iv = randomBytes(12);
          const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(
            aad({ ...context, purpose }),
          );
          const ciphertext = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
          return new Uint8Array(Buffer.concat([iv, cipher.getAuthTag(), ciphertext]));
        },
      }),
    open: (sealed, context) => {
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12))
          .setAAD(aad(context))
          .setAuthTag(sealed.subarray(12, 28));
        const plaintext = Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
        return Promise.resolve(plaintext.toString("utf8"));
      } catch {
        return Promise.reject(new InternalError("ciphertext_rejected"));
      }
    },
  };
}

function aad({ sub, grantId, gen, purpose }: SealContext): Buffer {
  return Buffer.from(JSON.stringify([sub, grantId, gen, purpose]));
}
