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
  const name = error instanceof Error ? error.name : "";
  if (REJECTED_NAMES.has(name)) {
    return new InternalError("ciphertext_rejected", { cause: error });
  }
  return KMS_TRANSIENT_NAMES.has(name) || isTransient(error)
    ? new UnavailableError("cipher_unavailable", { cause: error })
    : new InternalError("cipher_denied", { cause: error });
}
