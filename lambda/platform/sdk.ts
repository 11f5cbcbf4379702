/** How every AWS client of this product behaves. Imports nothing. */

/**
 * Connecting and answering within a region take milliseconds; what takes longer is better tried
 * again.
 */
const CONNECTION_TIMEOUT_MS = 500;
const REQUEST_TIMEOUT_MS = 1_500;
/**
 * Silence in the middle of an answer, which the request timeout does not cover: it ends with the
 * first header.
 */
const SOCKET_TIMEOUT_MS = 1_500;
const MAX_ATTEMPTS = 3;

/** Where AWS is, and by whose credentials it is spoken to. */
export interface AwsAccess {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
}

/** The services that this product uses, by their names in endpoints. */
export type AwsService = "dynamodb" | "kms" | "secretsmanager" | "sqs";

/** @param access in the place of what the environment says, as it does in every function */
export function sdkDefaults(access?: AwsAccess) {
  return {
    ...access,
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  };
}

const TRANSIENT_NAMES = new Set([
  "ThrottlingException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "LimitExceededException",
  "InternalServerError",
  "InternalServiceError",
  "ServiceUnavailable",
  "TimeoutError",
]);

/** Thrown before anything is sent, by what we or the deployment got wrong: waiting never helps. */
const LOCAL_NAMES = new Set([
  "TypeError",
  "RangeError",
  "ReferenceError",
  "CredentialsProviderError",
]);

/** What the SDK hangs on the errors that it throws. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  /** Who is to blame, on errors that the service itself has told. */
  readonly $fault?: "client" | "server";
  readonly $response?: unknown;
}

/**
 * Whether waiting may help: throttled, a 5xx, no answer at all (which has no status), or one that
 * cannot be read to its end.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const { name, $metadata, $fault, $response } = error as SdkError;
  const status = $metadata?.httpStatusCode;
  if (TRANSIENT_NAMES.has(name)) {
    return true;
  }
  if (status === undefined) {
    return !LOCAL_NAMES.has(name);
  }
  // Cut off after its status line, or the word of a proxy: as good as no answer, so what was asked
  // may have been done.
  const isUnreadable = $response !== undefined && $fault === undefined;
  return status >= 500 || isUnreadable;
}
