/** Envelope encryption of tokens at rest: sealing and opening are two rights. */

export type SecretPurpose = "refresh_token" | "access_token";

/** What a ciphertext is bound to, besides the deployment's issuer and client (S37). */
export interface SealContext {
  readonly sub: string;
  readonly grantId: string;
  readonly gen: number;
  readonly purpose: SecretPurpose;
}

/** One fresh KMS data key. Sealing is local and cannot fail for want of a network. */
export interface SealingKey {
  seal(plaintext: string, purpose: SecretPurpose): Uint8Array;
}

/** Can seal and cannot open: `kms:GenerateDataKey`. */
export interface Sealer {
  newKey(context: Omit<SealContext, "purpose">): Promise<SealingKey>;
}

/** Can open: `kms:Decrypt`, the refresh function only. */
export interface Opener {
  open(ciphertext: Uint8Array, context: SealContext): Promise<string>;
}
