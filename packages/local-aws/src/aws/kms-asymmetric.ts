/** The KMS actions that sign with key pairs: real signatures by node:crypto. */
import { constants, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import * as v from "valibot";
import { AwsError } from "./call";
import { bytes, type JsonAction, jsonAction } from "./json-action";
import { enabled, type Key, type KeyRing } from "./kms-keys";
import { isAsymmetric, signingAlgorithms } from "./kms-pairs";

const keyId = v.pipe(v.string(), v.nonEmpty(), v.maxLength(2048));

const signSchema = v.object({
  KeyId: keyId,
  Message: bytes(1, 4096),
  // A digest is offered by AWS and not here: nothing of the product computes one.
  MessageType: v.optional(v.literal("RAW")),
  SigningAlgorithm: v.picklist([
    "ECDSA_SHA_256",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_256",
  ]),
  DryRun: v.optional(v.literal(false)),
});

export function asymmetricActions(ring: KeyRing): Record<string, JsonAction> {
  return {
    Sign: jsonAction(signSchema, ({ KeyId, Message, SigningAlgorithm }) => {
      const key = ring.get(KeyId);
      const { spec } = key;
      if (!isAsymmetric(spec)) {
        throw wrongUsage(`${key.arn} key usage is ENCRYPT_DECRYPT which is not valid for Sign.`);
      }
      const pair = pairOf(enabled(key));
      if (!signingAlgorithms(spec).includes(SigningAlgorithm)) {
        throw wrongUsage(`Algorithm ${SigningAlgorithm} is incompatible with key spec ${spec}.`);
      }
      const Signature = signed(Message, pair, SigningAlgorithm).toString("base64");
      return { KeyId: key.arn, Signature, SigningAlgorithm };
    }),
    GetPublicKey: jsonAction(v.object({ KeyId: keyId }), ({ KeyId }) => {
      const key = ring.get(KeyId);
      const { spec } = key;
      if (!isAsymmetric(spec)) {
        const message = `${key.arn} spec is SYMMETRIC_DEFAULT which is not valid for GetPublicKey.`;
        throw new AwsError("UnsupportedOperationException", message);
      }
      const der = createPublicKey(pairOf(enabled(key))).export({ format: "der", type: "spki" });
      return {
        KeyId: key.arn,
        PublicKey: der.toString("base64"),
        CustomerMasterKeySpec: spec,
        KeySpec: spec,
        KeyUsage: "SIGN_VERIFY",
        SigningAlgorithms: signingAlgorithms(spec),
      };
    }),
  };
}

function wrongUsage(message: string): AwsError {
  return new AwsError("InvalidKeyUsageException", message);
}

/** An enabled pair has material. */
function pairOf({ versions }: Key): KeyObject {
  const key = Buffer.from(versions.at(-1)?.material ?? "", "base64");
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

/** ECDSA in DER (ANS X9.62), PSS with a salt as long as the hash, as AWS answers. */
function signed(message: Buffer, key: KeyObject, algorithm: string): Buffer {
  return algorithm === "RSASSA_PSS_SHA_256"
    ? sign("sha256", message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
    : sign("sha256", message, key);
}
