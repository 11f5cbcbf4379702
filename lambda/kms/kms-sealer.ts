/** Seals with a data key of `kms:GenerateDataKey`. It cannot open: that is `kms:Decrypt`. */
import { GenerateDataKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { InternalError } from "../errors";
import type { Sealer } from "../ports/crypto";
import { additionalData, type Deployment, encryptionContext } from "./binding";
import { FORMAT, isDataKey, seal } from "./envelope";
import { kmsError } from "./kms-errors";

export interface KmsCipherOptions {
  readonly keyArn: string;
  readonly deployment: Deployment;
  readonly client: Pick<KMSClient, "send">;
}

/**
 * One data key per write (S38).
 * @throws UnavailableError `cipher_unavailable`; InternalError `cipher_denied`.
 */
export function createKmsSealer({ keyArn, deployment, client }: KmsCipherOptions): Sealer {
  return {
    async newKey(context) {
      const { Plaintext, CiphertextBlob } = await client
        .send(
          new GenerateDataKeyCommand({
            KeyId: keyArn,
            KeySpec: "AES_256",
            EncryptionContext: encryptionContext(deployment, context),
          }),
        )
        .catch((error: unknown) => {
          throw kmsError(error);
        });
      if (!isDataKey(Plaintext) || CiphertextBlob === undefined) {
        throw new InternalError("cipher_denied");
      }
      const key = { plaintext: Plaintext, wrapped: CiphertextBlob };
      return {
        seal: (plaintext, purpose) =>
          seal(plaintext, key, {
            purpose,
            additionalData: additionalData(deployment, { ...context, purpose }, FORMAT),
          }),
      };
    },
  };
}
