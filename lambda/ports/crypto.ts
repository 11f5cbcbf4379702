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
 * Signs as this client, with `kms:Sign`. Only functions that talk to the token or the revocation
 * endpoint have it.
 * @throws UnavailableError `client_key_unavailable`; InternalError `client_key_denied`
 */
export interface ClientSigner {
  /** JWK thumbprint of the public key (RFC 7638). */
  kid(): Promise<string>;
  /** @returns the JWS signature (RFC 7515 section 3.1), base64url without padding */
  sign(input: string): Promise<string>;
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
