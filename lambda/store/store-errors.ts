import { InternalError, ServiceError, UnavailableError } from "../errors";
import { isTransient } from "../platform/sdk";

/** DynamoDB's errors become ours here and nowhere else. */
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
