/**
 * Timeouts and retries of all AWS clients, and which of their errors are transient. Imports
 * nothing.
 */

/**
 * Within a region, connecting and answering take milliseconds: a retry is better than waiting
 * longer.
 */
const CONNECTION_TIMEOUT_MS = 500;
const REQUEST_TIMEOUT_MS = 1_500;
/** Silence within a response; the request timeout covers only the time to its first header. */
const SOCKET_TIMEOUT_MS = 1_500;
const MAX_ATTEMPTS = 3;

/** Where AWS is, and with which credentials to call it. */
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

/**
 * @param access instead of the environment's region, endpoint and credentials, which functions use
 */
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

/** As much of a client as is changed here. */
interface Client {
  readonly middlewareStack: { remove(name: string): boolean };
}

/**
 * For services that call no function. To others the SDK hands on Lambda's trace, by which Lambda
 * finds functions that call each other in a circle; the client of SQS does.
 */
export function withoutTrace<C extends Client>(client: C): C {
  client.middlewareStack.remove("recursionDetectionMiddleware");
  return client;
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

/**
 * Thrown before a request is sent, for a mistake in the code or the deployment: a retry never
 * helps.
 */
const LOCAL_NAMES = new Set([
  "TypeError",
  "RangeError",
  "ReferenceError",
  "CredentialsProviderError",
]);

/** What the SDK adds to the errors that it throws. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  /** Who is at fault; only on errors that the service itself sent. */
  readonly $fault?: "client" | "server";
  readonly $response?: unknown;
}

/** Whether a retry may help: throttling, a 5xx status, no response, or one that is unreadable. */
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
  // Truncated, or sent by a proxy: as good as no response, so the request may have been processed.
  const isUnreadable = $response !== undefined && $fault === undefined;
  return status >= 500 || isUnreadable;
}
