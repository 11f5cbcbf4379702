/** One class of errors, sorted by who must act: `switch (error.action)`. */
import type { Problem } from "./wire.js";

export type VaultErrorAction = Problem["action"];

export type VaultErrorCode =
  | Problem["code"]
  /** No answer came. Whether the request was processed is unknown. */
  | "network"
  /** An answer that is not the API's, e.g. of a gateway before it. */
  | "unexpected_answer"
  /** There is no session; nothing was sent. */
  | "not_signed_in"
  /** The person said no, or the provider did: `reason` is its word for why. */
  | "sign_in_denied"
  /** `fetch` to an origin that is not listed in `origins`; nothing was sent. */
  | "origin_not_allowed"
  /** Options that cannot work; nothing was sent. */
  | "invalid_options"
  /**
   * The page has no such thing (storage, `crypto.subtle`, an address bar, …), or it failed:
   * `cause` says what.
   */
  | "unsupported";

export interface VaultErrorDetails {
  readonly action: VaultErrorAction;
  readonly code: VaultErrorCode;
  /** Of the answer; absent where there was none. */
  readonly status?: number | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  /** What the operator finds the log line by. */
  readonly requestId?: string | undefined;
  /** More exactly, where the API says so: `refresh_token_refused`, `disconnected`, … */
  readonly reason?: string | undefined;
}

export class VaultError extends Error implements VaultErrorDetails {
  declare readonly action: VaultErrorAction;
  declare readonly code: VaultErrorCode;
  declare readonly status: number | undefined;
  declare readonly retryAfter: number | undefined;
  declare readonly requestId: string | undefined;
  declare readonly reason: string | undefined;
  /** The same request may succeed later. */
  declare readonly retryable: boolean;

  /** @param message a sentence for developers; it never holds a token. @default the code's words */
  constructor(message: string | undefined, details: VaultErrorDetails, cause?: unknown) {
    super(message || details.code.replaceAll("_", " "), cause ? { cause } : undefined);
    Object.assign(this, details, { name: "VaultError", retryable: details.action === "retry" });
  }
}

/** What the client itself has to say, not the API. */
export function failure(
  action: VaultErrorAction,
  code: VaultErrorCode,
  more: { readonly message?: string; readonly cause?: unknown; readonly reason?: string } = {},
): VaultError {
  return new VaultError(more.message, { action, code, reason: more.reason }, more.cause);
}

export function notSignedIn(): VaultError {
  return failure("sign_in", "not_signed_in");
}

export function wrongOptions(message: string): VaultError {
  return failure("fix_request", "invalid_options", { message });
}

/** A VaultError, whatever was thrown. */
export function vaultError(
  thrown: unknown,
  action: VaultErrorAction,
  code: VaultErrorCode,
): VaultError {
  return thrown instanceof VaultError ? thrown : failure(action, code, { cause: thrown });
}

/** The members that there may be; none of them where the answer is not the API's own. */
type ProblemBody = Partial<Pick<Problem, "detail" | "instance" | "code" | "action">> & {
  readonly retryable?: boolean;
  readonly retry_after?: number;
  readonly reason?: string;
};

/** What is wrong, by the answer; by its status alone where it is not the API's own. */
export async function errorOf(response: Response): Promise<VaultError> {
  const { status, headers } = response;
  // A proxy's or a portal's 401 says nothing about sessions.
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
  });
}
