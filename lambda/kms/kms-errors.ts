import { InternalError, ServiceError, UnavailableError } from "../errors";
import { isTransient } from "../platform/sdk";

const KMS_TRANSIENT_NAMES = new Set([
  "KMSInternalException",
  "DependencyTimeoutException",
  "KeyUnavailableException",
]);
/**
 * Both say that the bytes are not this key's: damaged, bound to another context, or moved here from
 * elsewhere.
 */
const REJECTED_NAMES = new Set(["InvalidCiphertextException", "IncorrectKeyException"]);

/**
 * The only place that turns KMS's errors into errors of this product: throttling and outages
 * become a 503. In a refresh all of them come before its token is spent (S41).
 */
export function kmsError(error: unknown): ServiceError {
  if (error instanceof ServiceError) {
    return error;
  }
  if (REJECTED_NAMES.has(nameOf(error))) {
    return new InternalError("ciphertext_rejected", { cause: error });
  }
  return mayHelp(error)
    ? new UnavailableError("cipher_unavailable", { cause: error })
    : new InternalError("cipher_denied", { cause: error });
}

/** The same for the key that signs as this client, which has no ciphertexts. */
export function clientKeyError(error: unknown): ServiceError {
  return mayHelp(error)
    ? new UnavailableError("client_key_unavailable", { cause: error })
    : new InternalError("client_key_denied", { cause: error });
}

/** Whether a retry may help. */
function mayHelp(error: unknown): boolean {
  return KMS_TRANSIENT_NAMES.has(nameOf(error)) || isTransient(error);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}
