/** The KMS actions that make and open ciphertexts: those that envelope encryption needs. */
import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { AwsError } from "./call";
import { bytes, type JsonAction, jsonAction } from "./json-action";
import { blobVersion, openBlob, sealBlob, unverifiedKeyArn } from "./kms-blob";
import { enabled, type Key, type KeyRing } from "./kms-keys";

const ALGORITHM = "SYMMETRIC_DEFAULT";
const DATA_KEY_BYTES = 32;
const context = v.optional(v.record(v.string(), v.string()), {});
const keyId = v.pipe(v.string(), v.nonEmpty(), v.maxLength(2048));
/** AWS offers it, this KMS does not: refused rather than ignored. */
const absent = v.optional(v.union([v.literal(false), v.undefined_()]));
const common = { DryRun: absent, Recipient: absent };

const dataKeySchema = v.object({
  ...common,
  KeyId: keyId,
  EncryptionContext: context,
  KeySpec: v.literal("AES_256"),
  NumberOfBytes: v.optional(v.never()),
});

const decryptSchema = v.object({
  ...common,
  KeyId: v.optional(keyId),
  CiphertextBlob: bytes(1, 6144),
  EncryptionContext: context,
  EncryptionAlgorithm: v.optional(v.literal(ALGORITHM)),
});

export function cryptographicActions(ring: KeyRing): Record<string, JsonAction> {
  return {
    Decrypt: jsonAction(decryptSchema, (input) => {
      const key = openingKey(ring, input.CiphertextBlob, input.KeyId);
      return {
        Plaintext: base64(openBlob(key, input.CiphertextBlob, input.EncryptionContext)),
        KeyId: key.arn,
        KeyMaterialId: key.versions[blobVersion(input.CiphertextBlob)]?.id,
        EncryptionAlgorithm: ALGORITHM,
      };
    }),
    GenerateDataKey: jsonAction(dataKeySchema, (input) => {
      const key = symmetric(enabled(ring.get(input.KeyId)), "GenerateDataKey");
      const plaintext = randomBytes(DATA_KEY_BYTES);
      return {
        CiphertextBlob: base64(sealBlob(key, plaintext, input.EncryptionContext)),
        Plaintext: base64(plaintext),
        KeyId: key.arn,
        KeyMaterialId: key.versions.at(-1)?.id,
      };
    }),
  };
}

/**
 * @throws AwsError where the blob is no ciphertext of a KMS, names a key that does not exist, or
 *   names another key than the caller does
 */
function openingKey(ring: KeyRing, blob: Buffer, keyId: string | undefined): Key {
  const arn = unverifiedKeyArn(blob);
  if (arn === undefined) {
    throw new AwsError("InvalidCiphertextException", "The ciphertext cannot be decrypted");
  }
  const named = keyId === undefined ? undefined : symmetric(ring.get(keyId), "Decrypt");
  const key = ring.find(arn);
  if (named !== undefined && named.arn !== arn) {
    throw new AwsError(
      "IncorrectKeyException",
      "The key ID in the request does not identify a key that can perform this operation",
    );
  }
  if (key === undefined) {
    throw new AwsError(
      "AccessDeniedException",
      "The ciphertext refers to a key that does not exist or that you are not allowed to access",
    );
  }
  return enabled(key);
}

/** @throws AwsError InvalidKeyUsageException */
function symmetric(key: Key, action: string): Key {
  if (key.spec !== ALGORITHM) {
    const message = `${key.arn} key usage is SIGN_VERIFY which is not valid for ${action}.`;
    throw new AwsError("InvalidKeyUsageException", message);
  }
  return key;
}

function base64(value: Buffer): string {
  return value.toString("base64");
}
