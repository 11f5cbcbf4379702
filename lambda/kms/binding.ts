/**
 * What a ciphertext is bound to: the same facts in the clear for AES-GCM, and as hashes for KMS.
 */
import { createHash } from "node:crypto";
import { ENCRYPTION_CONTEXT } from "../facts";
import type { SealContext } from "../ports/crypto";

/** The deployment's half of the binding. */
export interface Deployment {
  readonly issuer: string;
  readonly clientId: string;
}

type KeyContext = Omit<SealContext, "purpose">;

/**
 * The KMS encryption context. CloudTrail logs it in plain text, so it has hashes, random ids and
 * constants only (S39).
 */
export function encryptionContext(
  deployment: Deployment,
  { sub, grantId, gen }: KeyContext,
): Record<string, string> {
  const owner = JSON.stringify([deployment.issuer, deployment.clientId, sub]);
  return {
    ...ENCRYPTION_CONTEXT,
    owner: createHash("sha256").update(owner).digest("hex"),
    grant: grantId,
    gen: String(gen),
  };
}

/**
 * Additional authenticated data for AES-GCM (NIST SP 800-38D). A JSON array of strings and numbers
 * has exactly one spelling here.
 */
export function additionalData(
  deployment: Deployment,
  context: SealContext,
  format: number,
): Buffer {
  const { issuer, clientId } = deployment;
  const { sub, grantId, gen, purpose } = context;
  return Buffer.from(JSON.stringify([format, issuer, clientId, sub, grantId, gen, purpose]));
}
