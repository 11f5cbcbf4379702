/**
 * Imports a key pair into a key of origin EXTERNAL, by the steps of docs/runbook.md: PKCS #8 in
 * DER, wrapped for this KMS alone.
 */
import { constants, createPublicKey, type KeyObject, publicEncrypt } from "node:crypto";
import {
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";

export async function importParameters(client: KMSClient, KeyId: string) {
  return await client.send(
    new GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: "RSAES_OAEP_SHA_256",
      WrappingKeySpec: "RSA_3072",
    }),
  );
}

/** @param token instead of the key's own */
export async function importPair(
  client: KMSClient,
  KeyId: string,
  { privateKey, token }: { readonly privateKey: KeyObject; readonly token?: Uint8Array },
): Promise<void> {
  const { ImportToken, PublicKey } = await importParameters(client, KeyId);
  const key = createPublicKey({ key: Buffer.from(PublicKey!), format: "der", type: "spki" });
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
  const material = privateKey.export({ format: "der", type: "pkcs8" });
  await client.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken: token ?? ImportToken,
      EncryptedKeyMaterial: publicEncrypt({ key, ...padding }, material),
      ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }),
  );
}
