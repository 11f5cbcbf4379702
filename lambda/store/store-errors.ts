import { InternalError, ServiceError, UnavailableError } from "../errors";
import { isTransient } from "../platform/sdk";

/** The only place that turns DynamoDB's errors into errors of this product. */
export function storeError(error: unknown): ServiceError {
  if (error instanceof ServiceError) {
    return error;
  }
  return isTransient(error)
    ? new UnavailableError("store_unavailable", { cause: error })
    : new InternalError("store_denied", { cause: error });
}

/** For `.catch`. */
export function rethrow(error: unknown): never {
  throw storeError(error);
}
