/** One error class, sorted by who must act: `switch (error.action)`. */
import type { Problem } from "./wire.js";

export type VaultErrorAction = Problem["action"];

export type VaultErrorCode =
  | Problem["code"]
  /** There was no answer. The API may have processed the request. */
  | "network"
  /** The answer is not the API's, e.g. a gateway's. */
  | "unexpected_answer"
  /** There is no session; nothing was sent. */
  | "not_signed_in"
  /**
   * The user or the provider refused: `reason` is the provider's `error` (RFC 6749 4.1.2.1). Or the
   * answer is another issuer's, and nothing was sent: `reason` is `issuer_mismatch` (RFC 9207).
   */
  | "sign_in_denied"
  /**
   * Only from `rollup-vault-client/react`: the address has an answer to a sign-in that did not
   * begin here. The client itself leaves such an address alone, for it may be another's.
   */
  | "state_mismatch"
  /** `fetch` to an origin that is not in `origins`; nothing was sent. */
  | "origin_not_allowed"
  /** Options that cannot work; nothing was sent. */
  | "invalid_options"
  /**
   * A feature (storage, `crypto.subtle`, an address bar, …) is missing or failed: `cause` says
   * which.
   */
  | "unsupported";

export interface VaultErrorDetails {
  readonly action: VaultErrorAction;
  readonly code: VaultErrorCode;
  /** HTTP status; undefined if there was no answer. */
  readonly status?: number | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  /** By this id the operator finds the log line. */
  readonly requestId?: string | undefined;
  /** More exactly: `refresh_token_refused`, `disconnected`, … */
  readonly reason?: string | undefined;
  /** Only with `needs_consent`: what to hand to `signIn({ scopes })`. */
  readonly missingScopes?: readonly string[] | undefined;
  /** After a sign-in that ended with `action: "sign_in"`: the page where it began. */
  readonly returnTo?: string | undefined;
}

export class VaultError extends Error implements VaultErrorDetails {
  declare readonly action: VaultErrorAction;
  declare readonly code: VaultErrorCode;
  declare readonly status: number | undefined;
  declare readonly retryAfter: number | undefined;
  declare readonly requestId: string | undefined;
  declare readonly reason: string | undefined;
  declare readonly missingScopes: readonly string[] | undefined;
  declare readonly returnTo: string | undefined;
  /** The same request may succeed later. */
  declare readonly retryable: boolean;

  /** @param message a sentence for developers; it never holds a token. @default the code's words */
  constructor(message: string | undefined, details: VaultErrorDetails & ErrorOptions) {
    super(message || details.code.replace(/_/g, " "), details);
    Object.assign(this, details, { name: "VaultError", retryable: details.action === "retry" });
  }
}

/** An error of the client itself, not of the API. */
export function failure(
  action: VaultErrorAction,
  code: VaultErrorCode,
  more: { readonly message?: string; readonly cause?: unknown; readonly reason?: string } = {},
): VaultError {
  const { message, ...details } = more;
  return new VaultError(message, { action, code, ...details });
}

export function notSignedIn(): VaultError {
  return failure("sign_in", "not_signed_in");
}

export function wrongOptions(message: string): VaultError {
  return failure("fix_request", "invalid_options", { message });
}

/** Wraps anything but a VaultError in one. */
export function vaultError(
  thrown: unknown,
  action: VaultErrorAction,
  code: VaultErrorCode,
): VaultError {
  return thrown instanceof VaultError ? thrown : failure(action, code, { cause: thrown });
}

/** Members of a problem document (RFC 9457); none if the answer is not the API's own. */
type ProblemBody = Partial<Pick<Problem, "detail" | "instance" | "code" | "action">> & {
  readonly retryable?: boolean;
  readonly retry_after?: number;
  readonly reason?: string;
  readonly missing_scopes?: readonly string[];
};

/** Reads the problem document; an answer that is not the API's own counts by its status. */
export async function errorOf(response: Response): Promise<VaultError> {
  const { status, headers } = response;
  // A proxy's or captive portal's 401 says nothing about sessions.
  const isKnown = status !== 401 || headers.get("content-type")?.includes("problem+json");
  const body = Object(isKnown && (await response.json().catch(() => 0))) as ProblemBody;
  const byStatus = status === 429 || status >= 500 ? "retry" : "contact_operator";
  return new VaultError(body.detail, {
    action: body.retryable ? "retry" : (body.action ?? byStatus),
    code: body.code ?? "unexpected_answer",
    status,
    retryAfter: Number(body.retry_after ?? headers.get("retry-after")) || undefined,
    requestId: body.instance,
    reason: body.reason,
    missingScopes: body.missing_scopes,
  });
}
