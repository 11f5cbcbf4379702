/** How a request ended, for the operator: the dimension by which requests are counted. */
import { type ErrorReason, NeedsSignInError, ServiceError } from "../errors";

/** A closed list: each is a metric. */
export type Outcome =
  /** An access token that was kept. */
  | "kept"
  /** An access token that took a refresh, or waited for one. */
  | "exchanged"
  /** Any other answer that was asked for. */
  | "ok"
  | "needs_sign_in"
  /** The caller has to change something, or comes too often. */
  | "refused"
  /** Another caller is at it: come again in a second. */
  | "busy"
  | "provider_down"
  /** This API, its key, its tables or its registration. */
  | "our_fault"
  /** The same where a refresh was needed: kept access tokens may still be served. */
  | "exchange_fault";

const PROVIDER: ReadonlySet<ErrorReason> = new Set<ErrorReason>([
  "code_in_doubt",
  "cooling_down",
  "idp_in_doubt",
  "idp_protocol",
  "idp_rate_limited",
  "idp_unavailable",
  "key_set_unavailable",
]);

const BUSY: ReadonlySet<ErrorReason> = new Set<ErrorReason>([
  "exchange_in_progress",
  "store_conflict",
]);

/** @param takesRefresh a refresh was begun, or waited for */
export function outcomeOf(error: unknown, status: number, takesRefresh: boolean): Outcome {
  const reason = error instanceof ServiceError ? error.reason : "bug";
  if (PROVIDER.has(reason)) {
    return "provider_down";
  }
  if (error instanceof NeedsSignInError) {
    return "needs_sign_in";
  }
  if (BUSY.has(reason)) {
    return "busy";
  }
  if (status < 500) {
    return "refused";
  }
  return takesRefresh ? "exchange_fault" : "our_fault";
}
