/**
 * The local KMS (`TrentService`): real AES-256-GCM and signatures under keys that are kept on disk;
 * every call's encryption context counts.
 */
import { type CallSubject, localArn } from "./call";
import { runAction } from "./json-action";
import { type Input, jsonAnswer, type Service } from "./json-protocol";
import { asymmetricActions } from "./kms-asymmetric";
import { unverifiedKeyArn } from "./kms-blob";
import { cryptographicActions } from "./kms-cryptography";
import { importActions } from "./kms-import";
import { createKeyRing } from "./kms-keys";
import { lifecycleActions } from "./kms-lifecycle";

/** @param path of the file with the key material; undefined: in memory only */
export function createKms(path: string | undefined): Service {
  const ring = createKeyRing(path);
  const actions = {
    ...cryptographicActions(ring),
    ...asymmetricActions(ring),
    ...lifecycleActions(ring),
    ...importActions(ring),
  };
  return {
    name: "kms",
    target: "TrentService",
    json: "1.1",
    describe: (action, input) => [describeKmsCall(action, input, (id) => ring.find(id)?.arn)],
    handle: async ({ action, input }) =>
      await Promise.resolve(jsonAnswer({ json: "1.1" }, runAction(actions, action, input))),
  };
}

/** Parameters that are condition keys as they are ("Condition keys for AWS KMS"). */
const SIGNING = ["MessageType", "SigningAlgorithm"];

/** @param resolve key id or alias → ARN, where known */
export function describeKmsCall(
  action: string,
  input: Input,
  resolve: (keyId: string) => string | undefined = () => undefined,
): CallSubject {
  const arn = (keyId: unknown): string | undefined =>
    typeof keyId === "string" ? (resolve(keyId) ?? toArn(keyId)) : undefined;
  const resource = arn(input["KeyId"] ?? input["TargetKeyId"]) ?? blobArn(input);
  const pairs = Object.entries(input["EncryptionContext"] ?? {});
  const names = pairs.map(([name]) => name);
  return {
    action,
    resource,
    context: Object.fromEntries([
      ...pairs.map(([name, value]): [string, string] => [
        `kms:EncryptionContext:${name}`,
        String(value),
      ]),
      ...SIGNING.filter((name) => typeof input[name] === "string").map((name): [string, string] => [
        `kms:${name}`,
        String(input[name]),
      ]),
    ]),
    contextLists: names.length === 0 ? {} : { "kms:EncryptionContextKeys": names },
  };
}

function toArn(keyId: string): string {
  if (keyId.startsWith("arn:")) {
    return keyId;
  }
  return localArn("kms", keyId.startsWith("alias/") ? keyId : `key/${keyId}`);
}

/** The key behind a ciphertext: what a Decrypt without `KeyId` is judged by, as in AWS. */
function blobArn(input: Input): string | undefined {
  const blob = input["CiphertextBlob"];
  return typeof blob === "string" ? unverifiedKeyArn(Buffer.from(blob, "base64")) : undefined;
}
