/**
 * Opens what kms-sealer.ts sealed, with `kms:Decrypt`. Only functions that refresh or revoke have
 * that right: access-token and recovery, and with a revocation endpoint account and sweep.
 */
import { DecryptCommand } from "@aws-sdk/client-kms";
import { InternalError } from "../errors";
import type { Opener, SealContext } from "../ports/crypto";
import { additionalData, encryptionContext } from "./binding";
import { type Binding, type Envelope, FORMAT, isDataKey, open, parseEnvelope } from "./envelope";
import { kmsError } from "./kms-errors";
import type { KmsCipherOptions } from "./kms-sealer";
import { createOpenedTokens } from "./opened-tokens";

/**
 * @throws InternalError `ciphertext_rejected` where the bytes are damaged or bound to something
 * else (S37), `cipher_denied`; UnavailableError `cipher_unavailable`.
 */
export function createKmsOpener({ keyArn, deployment, client }: KmsCipherOptions): Opener {
  const opened = createOpenedTokens();

  async function unwrap(envelope: Envelope, context: SealContext): Promise<Uint8Array> {
    const { Plaintext } = await client
      .send(
        new DecryptCommand({
          KeyId: keyArn,
          CiphertextBlob: envelope.wrappedKey,
          EncryptionContext: encryptionContext(deployment, context),
        }),
      )
      .catch((error: unknown) => {
        throw kmsError(error);
      });
    if (!isDataKey(Plaintext)) {
      throw new InternalError("cipher_denied");
    }
    return Plaintext;
  }

  return {
    async open(ciphertext, context) {
      const { purpose } = context;
      const binding = additionalData(deployment, context, FORMAT);
      // Refresh tokens are not cached: a refresh needs one once, and they are good for years.
      const memory = purpose === "access_token" ? opened : undefined;
      const known = memory?.find(ciphertext, binding);
      if (known !== undefined) {
        return known;
      }
      const envelope = parseEnvelope(ciphertext);
      if (envelope === undefined) {
        throw new InternalError("ciphertext_rejected");
      }
      const dataKey = await unwrap(envelope, context);
      const plaintext = openOnce(envelope, dataKey, { purpose, additionalData: binding });
      memory?.keep(ciphertext, binding, plaintext);
      return plaintext;
    },
  };
}

function openOnce(envelope: Envelope, dataKey: Uint8Array, binding: Binding): string {
  try {
    return open(envelope, dataKey, binding);
  } catch {
    throw new InternalError("ciphertext_rejected");
  } finally {
    dataKey.fill(0);
  }
}
