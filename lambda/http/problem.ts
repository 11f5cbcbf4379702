/**
 * The one map from errors to responses: problem documents (RFC 9457) with the members that a client
 * acts on.
 */
import {
  ForbiddenError,
  type ForbiddenReason,
  InvalidRequestError,
  type InvalidRequestReason,
  NeedsConsentError,
  NeedsSignInError,
  type NeedsSignInReason,
  TooManyRequestsError,
  type TooManyRequestsReason,
  UnauthorizedError,
  UnavailableError,
} from "../errors";
import { type GatewayResponse, jsonResponse, PROBLEM_JSON } from "./response";

export type ProblemCode =
  | "access_denied"
  | "invalid_request"
  | "invalid_token"
  | "not_found"
  | "method_not_allowed"
  | "frozen"
  | "needs_consent"
  | "needs_sign_in"
  | "precondition_failed"
  | "payload_too_large"
  | "unsupported_media_type"
  | "too_many_requests"
  | "server_error"
  | "temporarily_unavailable";

export type ProblemAction = "retry" | "sign_in" | "fix_request" | "contact_operator";

interface Problem {
  readonly status: number;
  readonly code: ProblemCode;
  readonly title: string;
  readonly detail: string;
  readonly action: ProblemAction;
  readonly retryAfterSeconds?: number;
  readonly reason?: string;
  readonly missing_scopes?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

const INVALID_REQUEST_DETAIL: Readonly<Record<InvalidRequestReason, string>> = {
  not_found: "There is nothing at this path, or nothing yet: PUT /me creates the user.",
  method_not_allowed: "This path does not take this method; see the Allow header.",
  unsupported_media_type:
    "The body must be application/json, or what this route takes besides, in UTF-8.",
  payload_too_large: "The body is larger than this API takes.",
  malformed_json: "The body must be one JSON object.",
  malformed_encoding: "The body must be valid UTF-8.",
  unknown_member: "The body has a member that this route does not know.",
  invalid_member: "A member of the body is missing, has the wrong type or is out of range.",
  precondition_failed: "The user has another version than If-Match says; read it again.",
  unexpected_body: "This route takes no body.",
  unexpected_query: "This route takes no query parameters.",
  foreign_subject: "The refresh token is not the caller's own.",
  not_a_refresh_token: "This is not a refresh token that was issued to this application.",
};

const STATUS_BY_REASON: Partial<
  Record<InvalidRequestReason, { status: number; code: ProblemCode; title: string }>
> = {
  not_found: { status: 404, code: "not_found", title: "Not found" },
  method_not_allowed: { status: 405, code: "method_not_allowed", title: "Method not allowed" },
  precondition_failed: {
    status: 412,
    code: "precondition_failed",
    title: "Precondition failed",
  },
  payload_too_large: { status: 413, code: "payload_too_large", title: "Payload too large" },
  unsupported_media_type: {
    status: 415,
    code: "unsupported_media_type",
    title: "Unsupported media type",
  },
};

const NEEDS_SIGN_IN_DETAIL: Readonly<Record<NeedsSignInReason, string>> = {
  no_refresh_token: "No refresh token is stored for this user.",
  refresh_token_not_issued: "The last sign-in brought no refresh token.",
  refresh_token_refused: "The identity provider no longer accepts the stored refresh token.",
  disconnected: "The user has disconnected.",
  erased: "The user was erased.",
  in_doubt: "Nobody can say whether the stored refresh token is still good.",
  refresh_token_failing:
    "The identity provider has long answered nothing but errors for this user, " +
    "and others are served.",
  foreign_subject: "The identity provider answered for somebody else; the connection is closed.",
};

const FROZEN = { code: "frozen", title: "Frozen", action: "contact_operator" } as const;
const ACCESS_DENIED = { code: "access_denied", title: "Access denied" } as const;

const FORBIDDEN: Readonly<
  Record<ForbiddenReason, Pick<Problem, "code" | "title" | "detail" | "action">>
> = {
  frozen: { ...FROZEN, detail: "The operator of this API has frozen this user's access tokens." },
  issuance_frozen: { ...FROZEN, detail: "The operator of this API has frozen all access tokens." },
  unlisted_role: {
    ...ACCESS_DENIED,
    detail: "This AWS principal is not on the stage's list.",
    action: "contact_operator",
  },
  cross_site: {
    ...ACCESS_DENIED,
    detail: "With a session cookie this takes an allowed Origin and the header x-rollup-vault.",
    action: "fix_request",
  },
};

const TOO_MANY_DETAIL: Readonly<Record<TooManyRequestsReason, string>> = {
  refused_codes:
    "Too many codes from this network were refused; nothing was asked of the provider.",
  refresh_tokens:
    "Too many refresh tokens were handed in for this user; this one was not looked at.",
};

/** The same for every reason (S20): a caller must not learn which check failed. */
const INVALID_TOKEN: Problem = {
  status: 401,
  code: "invalid_token",
  title: "Unauthorized",
  detail: "A valid ID token or session is required.",
  action: "sign_in",
  headers: { "www-authenticate": 'Bearer error="invalid_token"' },
};

const SERVER_ERROR: Problem = {
  status: 500,
  code: "server_error",
  title: "Server error",
  detail: "The operator of this API has to look into it.",
  action: "contact_operator",
};

function describe(error: unknown): Problem {
  if (error instanceof InvalidRequestError) {
    return describeInvalidRequest(error);
  }
  if (error instanceof UnauthorizedError) {
    return INVALID_TOKEN;
  }
  if (error instanceof NeedsSignInError) {
    return describeNeedsSignIn(error);
  }
  if (error instanceof NeedsConsentError) {
    return describeNeedsConsent(error);
  }
  if (error instanceof ForbiddenError) {
    return describeForbidden(error);
  }
  if (error instanceof TooManyRequestsError) {
    return describeTooMany(error);
  }
  return error instanceof UnavailableError ? describeUnavailable(error) : SERVER_ERROR;
}

function describeNeedsSignIn({ reason }: NeedsSignInError): Problem {
  return {
    status: 409,
    code: "needs_sign_in",
    title: "Sign-in needed",
    detail: NEEDS_SIGN_IN_DETAIL[reason],
    action: "sign_in",
    reason,
  };
}

function describeNeedsConsent({ missingScopes }: NeedsConsentError): Problem {
  return {
    status: 409,
    code: "needs_consent",
    title: "Consent needed",
    detail: "The user has not granted all of the required scopes.",
    action: "sign_in",
    missing_scopes: missingScopes,
  };
}

function describeForbidden({ reason }: ForbiddenError): Problem {
  return { status: 403, ...FORBIDDEN[reason] };
}

function describeTooMany({ reason, retryAfterSeconds }: TooManyRequestsError): Problem {
  return {
    status: 429,
    code: "too_many_requests",
    title: "Too many requests",
    detail: TOO_MANY_DETAIL[reason],
    action: "retry",
    retryAfterSeconds,
    headers: { "retry-after": String(retryAfterSeconds) },
  };
}

function describeUnavailable({ retryAfterSeconds }: UnavailableError): Problem {
  return {
    status: 503,
    code: "temporarily_unavailable",
    title: "Temporarily unavailable",
    detail: "Something that this API depends on cannot be used right now. Nothing was lost.",
    action: "retry",
    retryAfterSeconds,
    headers: { "retry-after": String(retryAfterSeconds) },
  };
}

function describeInvalidRequest({ reason, allow }: InvalidRequestError): Problem {
  const special = STATUS_BY_REASON[reason];
  return {
    ...(special ?? { status: 400, code: "invalid_request", title: "Invalid request" }),
    detail: INVALID_REQUEST_DETAIL[reason],
    action: "fix_request",
    ...(allow.length === 0 ? {} : { headers: { allow: allow.join(", ") } }),
  };
}

/** `requestId`: what the operator finds the log line by. */
export function toProblemResponse(
  error: unknown,
  requestId: string,
): { readonly code: ProblemCode; readonly answer: GatewayResponse } {
  const { status, code, headers, retryAfterSeconds, ...problem } = describe(error);
  const body = {
    type: `urn:rollup-vault:problem:${code}`,
    ...problem,
    status,
    code,
    instance: requestId,
    retryable: retryAfterSeconds !== undefined,
    ...(retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds }),
  };
  return { code, answer: jsonResponse(status, body, { "content-type": PROBLEM_JSON, ...headers }) };
}
