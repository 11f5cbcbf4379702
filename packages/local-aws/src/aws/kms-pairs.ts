/** Key pairs of the local KMS: what there is, and how their private halves are kept. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";

/** "Key spec reference", AWS KMS Developer Guide; those that sign JWTs of the product. */
export const ASYMMETRIC_SPECS = ["ECC_NIST_P256", "RSA_2048"] as const;
type AsymmetricSpec = (typeof ASYMMETRIC_SPECS)[number];

const ALGORITHMS: Readonly<Record<AsymmetricSpec, readonly string[]>> = {
  ECC_NIST_P256: ["ECDSA_SHA_256"],
  RSA_2048: ["RSASSA_PSS_SHA_256", "RSASSA_PKCS1_V1_5_SHA_256"],
};

/** As a key's description lists them. */
export function signingAlgorithms(spec: AsymmetricSpec): readonly string[] {
  return ALGORITHMS[spec];
}

export function isAsymmetric(spec: string): spec is AsymmetricSpec {
  return (ASYMMETRIC_SPECS as readonly string[]).includes(spec);
}

/** A new private key: PKCS #8 in DER, base64. */
export function newPair(spec: AsymmetricSpec): string {
  const { privateKey } =
    spec === "RSA_2048"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return toMaterial(privateKey);
}

export function toMaterial(privateKey: KeyObject): string {
  return privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
}

/** Whether a private key has this spec. */
export function fits({ asymmetricKeyDetails: details }: KeyObject, spec: AsymmetricSpec): boolean {
  return spec === "RSA_2048"
    ? details?.modulusLength === 2048
    : details?.namedCurve === "prime256v1";
}
