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
  /** The provider sent somebody back whom this browser did not send there, or did so too long ago. */
  | "state_mismatch"
  /** The person said no, or the provider did: `reason` is its word for why. */
  | "sign_in_denied"
  /** `fetch` to an origin that is not listed in `origins`; nothing was sent. */
  | "origin_not_allowed"
  /** Options that cannot work; nothing was sent. */
  | "invalid_options";

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
  readonly retryable: boolean;

  /** @param message a sentence for developers; it never holds a token */
  constructor(message: string, details: VaultErrorDetails, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "VaultError";
    Object.assign(this, details);
    this.retryable = details.action === "retry";
  }
}

export function signInError(message: string, code: VaultErrorCode, reason?: string): VaultError {
  return new VaultError(message, { action: "sign_in", code, reason });
}

export function notSignedIn(): VaultError {
  return signInError("Nobody is signed in.", "not_signed_in");
}

export function wrongOptions(message: string): VaultError {
  return new VaultError(message, { action: "fix_request", code: "invalid_options" });
}

export function networkError(cause: unknown): VaultError {
  return new VaultError("No answer came.", { action: "retry", code: "network" }, cause);
}

/** The members that there may be; none of them where the answer is not the API's own. */
type ProblemBody = Partial<Pick<Problem, "detail" | "instance" | "code" | "action">> & {
  readonly retry_after?: number;
  readonly reason?: string;
};

/** What is wrong, by the answer; by its status alone where it is not the API's own. */
export async function errorOf(response: Response): Promise<VaultError> {
  const { status, headers } = response;
  const body = (await response.json().catch(() => ({}))) as ProblemBody;
  const isBusy = status === 429 || status >= 500;
  return new VaultError(body.detail ?? `Status ${String(status)}`, {
    action: body.action ?? (isBusy ? "retry" : "contact_operator"),
    code: body.code ?? "unexpected_answer",
    status,
    retryAfter: body.retry_after ?? (Number(headers.get("retry-after")) || undefined),
    requestId: body.instance,
    reason: body.reason,
  });
}
