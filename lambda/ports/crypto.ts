/**
 * Envelope encryption of the tokens in a grant. Sealing and opening are separate rights:
 * `kms:GenerateDataKey` and `kms:Decrypt`.
 */

export type SecretPurpose = "refresh_token" | "access_token";

/**
 * What a ciphertext is bound to, with the deployment's issuer and client (S37): it opens in no
 * other row, generation or purpose.
 */
export interface SealContext {
  readonly sub: string;
  readonly grantId: string;
  readonly gen: number;
  readonly purpose: SecretPurpose;
}

/** One KMS data key, for one write of one grant. Sealing is local: it needs no network. */
export interface SealingKey {
  seal(plaintext: string, purpose: SecretPurpose): Uint8Array;
}

/**
 * Makes data keys, with `kms:GenerateDataKey`. It cannot open what they sealed.
 * @throws UnavailableError `cipher_unavailable`; InternalError `cipher_denied`
 */
export interface Sealer {
  newKey(context: Omit<SealContext, "purpose">): Promise<SealingKey>;
}

/**
 * Opens, with `kms:Decrypt`. Only functions that refresh or revoke have it: access-token and
 * recovery, and with a revocation endpoint also account and sweep.
 * @throws UnavailableError `cipher_unavailable`; InternalError `cipher_denied` or
 * `ciphertext_rejected`
 */
export interface Opener {
  open(ciphertext: Uint8Array, context: SealContext): Promise<string>;
}
