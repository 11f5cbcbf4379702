/** The KMS actions that encrypt and decrypt. */
import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { AwsError } from "./call";
import { bytes, type JsonAction, jsonAction } from "./json-action";
import { blobVersion, openBlob, sealBlob, unverifiedKeyArn } from "./kms-blob";
import { enabled, type Key, type KeyRing } from "./kms-keys";

const ALGORITHM = "SYMMETRIC_DEFAULT";
const algorithm = v.optional(v.literal(ALGORITHM));
const context = v.optional(v.record(v.string(), v.string()), {});
const keyId = v.pipe(v.string(), v.nonEmpty(), v.maxLength(2048));
/** Offered by AWS, not here: refused rather than passed over. */
const absent = v.optional(v.union([v.literal(false), v.undefined_()]));
const common = { DryRun: absent, Recipient: absent };

const dataKeySchema = v.pipe(
  v.object({
    ...common,
    KeyId: keyId,
    EncryptionContext: context,
    KeySpec: v.optional(v.picklist(["AES_256", "AES_128"])),
    NumberOfBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1024))),
  }),
  v.check(
    ({ KeySpec, NumberOfBytes }) => (KeySpec === undefined) !== (NumberOfBytes === undefined),
  ),
);

const encryptSchema = v.object({
  ...common,
  KeyId: keyId,
  Plaintext: bytes(1, 4096),
  EncryptionContext: context,
  EncryptionAlgorithm: algorithm,
});

const decryptSchema = v.object({
  ...common,
  KeyId: v.optional(keyId),
  CiphertextBlob: bytes(1, 6144),
  EncryptionContext: context,
  EncryptionAlgorithm: algorithm,
});

const reEncryptSchema = v.object({
  ...common,
  CiphertextBlob: bytes(1, 6144),
  SourceKeyId: v.optional(keyId),
  SourceEncryptionContext: context,
  SourceEncryptionAlgorithm: algorithm,
  DestinationKeyId: keyId,
  DestinationEncryptionContext: context,
  DestinationEncryptionAlgorithm: algorithm,
});

export function cryptographicActions(ring: KeyRing): Record<string, JsonAction> {
  return {
    Encrypt: jsonAction(encryptSchema, (input) => {
      const key = enabled(ring.get(input.KeyId));
      const blob = sealBlob(key, input.Plaintext, input.EncryptionContext);
      return { CiphertextBlob: base64(blob), KeyId: key.arn, EncryptionAlgorithm: ALGORITHM };
    }),
    Decrypt: jsonAction(decryptSchema, (input) => {
      const key = openingKey(ring, input.CiphertextBlob, input.KeyId);
      return {
        Plaintext: base64(openBlob(key, input.CiphertextBlob, input.EncryptionContext)),
        KeyId: key.arn,
        KeyMaterialId: key.versions[blobVersion(input.CiphertextBlob)]?.id,
        EncryptionAlgorithm: ALGORITHM,
      };
    }),
    GenerateDataKey: jsonAction(dataKeySchema, (input) => generateDataKey(ring, input)),
    GenerateDataKeyWithoutPlaintext: jsonAction(dataKeySchema, (input) => ({
      ...generateDataKey(ring, input),
      Plaintext: undefined,
    })),
    ReEncrypt: jsonAction(reEncryptSchema, (input) => reEncrypt(ring, input)),
  };
}

function generateDataKey(
  ring: KeyRing,
  input: v.InferOutput<typeof dataKeySchema>,
): Record<string, unknown> {
  const key = enabled(ring.get(input.KeyId));
  const plaintext = randomBytes(input.NumberOfBytes ?? (input.KeySpec === "AES_128" ? 16 : 32));
  return {
    CiphertextBlob: base64(sealBlob(key, plaintext, input.EncryptionContext)),
    Plaintext: base64(plaintext),
    KeyId: key.arn,
    KeyMaterialId: key.versions.at(-1)?.id,
  };
}

function reEncrypt(
  ring: KeyRing,
  input: v.InferOutput<typeof reEncryptSchema>,
): Record<string, unknown> {
  const source = openingKey(ring, input.CiphertextBlob, input.SourceKeyId);
  const destination = enabled(ring.get(input.DestinationKeyId));
  const plaintext = openBlob(source, input.CiphertextBlob, input.SourceEncryptionContext);
  return {
    CiphertextBlob: base64(sealBlob(destination, plaintext, input.DestinationEncryptionContext)),
    SourceKeyId: source.arn,
    KeyId: destination.arn,
    SourceEncryptionAlgorithm: ALGORITHM,
    DestinationEncryptionAlgorithm: ALGORITHM,
  };
}

/**
 * @throws AwsError where the blob is none, names a key that is not there, or another one than the
 *   caller does
 */
function openingKey(ring: KeyRing, blob: Buffer, keyId: string | undefined): Key {
  const arn = unverifiedKeyArn(blob);
  if (arn === undefined) {
    throw new AwsError("InvalidCiphertextException", "The ciphertext cannot be decrypted");
  }
  const named = keyId === undefined ? undefined : ring.get(keyId);
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

function base64(value: Buffer): string {
  return value.toString("base64");
}
