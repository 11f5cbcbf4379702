/**
 * Importing a key pair that others have made ("Importing key material", AWS KMS Developer Guide):
 * into a key of origin EXTERNAL, wrapped for this KMS alone.
 */
import {
  constants,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  randomBytes,
} from "node:crypto";
import * as v from "valibot";
import { AwsError } from "./call";
import { bytes, type JsonAction, jsonAction } from "./json-action";
import { type Key, type KeyRing, notPending } from "./kms-keys";
import { fits, isAsymmetric, toMaterial } from "./kms-pairs";

const DAY_MS = 24 * 60 * 60 * 1000;
const SIZES = { RSA_2048: 2048, RSA_3072: 3072, RSA_4096: 4096 } as const;
const keyId = v.pipe(v.string(), v.nonEmpty(), v.maxLength(2048));

const parametersSchema = v.object({
  KeyId: keyId,
  WrappingAlgorithm: v.literal("RSAES_OAEP_SHA_256"),
  WrappingKeySpec: v.picklist(["RSA_2048", "RSA_3072", "RSA_4096"]),
});

const importSchema = v.object({
  KeyId: keyId,
  ImportToken: bytes(1, 6144),
  EncryptedKeyMaterial: bytes(1, 6144),
  // AWS also offers material that expires, and that is its default.
  ExpirationModel: v.literal("KEY_MATERIAL_DOES_NOT_EXPIRE"),
  ValidTo: v.optional(v.never()),
});

interface Wrapping {
  readonly keyArn: string;
  readonly privateKey: KeyObject;
  readonly validTo: number;
}

export function importActions(ring: KeyRing): Record<string, JsonAction> {
  const wrappings = new Map<string, Wrapping>();
  return {
    GetParametersForImport: jsonAction(parametersSchema, ({ KeyId, WrappingKeySpec }) => {
      const key = importable(ring.get(KeyId));
      const modulusLength = SIZES[WrappingKeySpec];
      const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength });
      const token = randomBytes(64).toString("base64");
      const validTo = Date.now() + DAY_MS;
      wrappings.set(token, { keyArn: key.arn, privateKey, validTo });
      return {
        KeyId: key.arn,
        ImportToken: token,
        PublicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
        ParametersValidTo: validTo / 1000,
      };
    }),
    ImportKeyMaterial: jsonAction(importSchema, (input) => {
      const key = importable(ring.get(input.KeyId));
      const wrapping = wrappings.get(input.ImportToken.toString("base64"));
      if (wrapping === undefined || wrapping.keyArn !== key.arn) {
        throw new AwsError("InvalidImportTokenException", "The import token is not valid");
      }
      if (wrapping.validTo < Date.now()) {
        throw new AwsError("ExpiredImportTokenException", "The import token has expired");
      }
      const pair = unwrapped(input.EncryptedKeyMaterial, wrapping, key);
      const version = { id: randomBytes(32).toString("hex"), material: toMaterial(pair) };
      ring.update(key, { state: "Enabled", versions: [version] });
      return { KeyId: key.arn, KeyMaterialId: version.id };
    }),
  };
}

/** @throws AwsError UnsupportedOperationException, KMSInvalidStateException */
function importable(key: Key): Key {
  if (key.origin !== "EXTERNAL") {
    const message = `${key.arn} origin is ${key.origin} which is not valid for this operation.`;
    throw new AwsError("UnsupportedOperationException", message);
  }
  return notPending(key);
}

/** @throws AwsError InvalidCiphertextException, IncorrectKeyMaterialException */
function unwrapped(blob: Buffer, { privateKey }: Wrapping, { spec, versions }: Key): KeyObject {
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
  const der = attempt(
    () => privateDecrypt({ key: privateKey, ...padding }, blob),
    "InvalidCiphertextException",
  );
  const pair = attempt(
    () => createPrivateKey({ key: der, format: "der", type: "pkcs8" }),
    "IncorrectKeyMaterialException",
  );
  const [known] = versions;
  const isSame = known === undefined || known.material === toMaterial(pair);
  if (!isAsymmetric(spec) || !fits(pair, spec) || !isSame) {
    throw new AwsError("IncorrectKeyMaterialException", "The key material is not the expected one");
  }
  return pair;
}

function attempt<T>(work: () => T, name: string): T {
  try {
    return work();
  } catch {
    throw new AwsError(name, "The key material cannot be read");
  }
}
