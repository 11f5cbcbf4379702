/**
 * Every refusal: problem documents (RFC 9457), one schema for each `code`, which tells them apart.
 */
import { NEEDS_SIGN_IN_REASONS } from "../../../lambda/facts";
import { closed, header, type Json, type Members, schema } from "./json";

interface Kind {
  readonly schema: string;
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly actions: readonly string[];
  readonly description: string;
  /** One of the texts of `lambda/http/problem.ts` for this code. */
  readonly detail: string;
  readonly reasons?: readonly string[];
  /** An example of `missing_scopes`, where the problem has it. */
  readonly missingScopes?: readonly string[];
  readonly isRetryable?: boolean;
}

const fix = ["fix_request"];

const KINDS: readonly Kind[] = [
  {
    schema: "InvalidRequestProblem",
    status: 400,
    code: "invalid_request",
    title: "Invalid request",
    actions: fix,
    description: "Body or query are invalid.",
    detail: "A member of the body is missing, has the wrong type or is out of range.",
  },
  {
    schema: "InvalidTokenProblem",
    status: 401,
    code: "invalid_token",
    title: "Unauthorized",
    actions: ["sign_in"],
    description:
      "No valid credentials, or an invalid or used code; the same answer for every cause. Sign in again.",
    detail: "A valid ID token or session is required.",
  },
  {
    schema: "FrozenProblem",
    status: 403,
    code: "frozen",
    title: "Frozen",
    actions: ["contact_operator"],
    description: "The operator has frozen access tokens, of this user or of all.",
    detail: "The operator of this API has frozen this user's access tokens.",
  },
  {
    schema: "AccessDeniedProblem",
    status: 403,
    code: "access_denied",
    title: "Access denied",
    actions: ["fix_request", "contact_operator"],
    description:
      "A cookie without `x-rollup-vault` or an allowed `Origin` (`fix_request`), or an AWS role that is not listed (`contact_operator`).",
    detail: "With a session cookie this takes an allowed Origin and the header x-rollup-vault.",
  },
  {
    schema: "NotFoundProblem",
    status: 404,
    code: "not_found",
    title: "Not found",
    actions: fix,
    description: "Does not exist, or not yet.",
    detail: "There is nothing at this path, or nothing yet: PUT /me creates the user.",
  },
  {
    schema: "MethodNotAllowedProblem",
    status: 405,
    code: "method_not_allowed",
    title: "Method not allowed",
    actions: fix,
    description: "`Allow` names the methods of the path.",
    detail: "This path does not take this method; see the Allow header.",
  },
  {
    schema: "NeedsSignInProblem",
    status: 409,
    code: "needs_sign_in",
    title: "Sign-in needed",
    actions: ["sign_in"],
    description:
      "The caller is known, but the user must sign in at the provider again before there is an access token.",
    detail: "The identity provider no longer accepts the stored refresh token.",
    reasons: NEEDS_SIGN_IN_REASONS,
  },
  {
    schema: "NeedsConsentProblem",
    status: 409,
    code: "needs_consent",
    title: "Consent needed",
    actions: ["sign_in"],
    description: "One of the `required_scopes` is not granted. Sign in again and ask for it, too.",
    detail: "The user has not granted all of the required scopes.",
    missingScopes: ["email"],
  },
  {
    schema: "PreconditionFailedProblem",
    status: 412,
    code: "precondition_failed",
    title: "Precondition failed",
    actions: fix,
    description: "The user has changed: read it again, then patch.",
    detail: "The user has another version than If-Match says; read it again.",
  },
  {
    schema: "PayloadTooLargeProblem",
    status: 413,
    code: "payload_too_large",
    title: "Payload too large",
    actions: fix,
    description: "A body above 16,384 bytes, or attributes above 8,192.",
    detail: "The body is larger than this API takes.",
  },
  {
    schema: "UnsupportedMediaTypeProblem",
    status: 415,
    code: "unsupported_media_type",
    title: "Unsupported media type",
    actions: fix,
    description: "`Content-Type` is not JSON, or the body is compressed.",
    detail: "The body must be application/json, or what this route takes besides, in UTF-8.",
  },
  {
    schema: "TooManyRequestsProblem",
    status: 429,
    code: "too_many_requests",
    title: "Too many requests",
    actions: ["retry"],
    description: "Too often; the provider was not asked. Retry after `retry_after` seconds.",
    detail: "Too many codes from this network were refused; nothing was asked of the provider.",
    isRetryable: true,
  },
  {
    schema: "ServerErrorProblem",
    status: 500,
    code: "server_error",
    title: "Server error",
    actions: ["contact_operator"],
    description: "The operator must act; a retry does not help.",
    detail: "The operator of this API has to look into it.",
  },
  {
    schema: "TemporarilyUnavailableProblem",
    status: 503,
    code: "temporarily_unavailable",
    title: "Temporarily unavailable",
    actions: ["retry"],
    description: "Nothing was lost. Retry after `retry_after` seconds.",
    detail: "Something that this API depends on cannot be used right now. Nothing was lost.",
    isRetryable: true,
  },
];

const REQUEST_ID = "6b1f0c1e-0d5a-4c1b-9a57-0d7f1f0c2a11";

function problemSchema(kind: Kind): Members {
  const { isRetryable = false, reasons, actions } = kind;
  const action: Json = actions.length === 1 ? { const: actions[0] ?? "" } : { enum: actions };
  return {
    ...closed({
      type: { type: "string", const: `urn:rollup-vault:problem:${kind.code}` },
      title: { type: "string", const: kind.title },
      status: { type: "integer", const: kind.status },
      detail: { type: "string" },
      instance: { type: "string" },
      code: { type: "string", const: kind.code },
      retryable: { type: "boolean", const: isRetryable },
      ...(isRetryable && {
        retry_after: { type: "integer", minimum: 1 },
      }),
      action: { type: "string", ...action },
      ...(reasons && { reason: { type: "string", enum: reasons } }),
      ...(kind.missingScopes && {
        missing_scopes: { type: "array", minItems: 1, items: { type: "string" } },
      }),
    }),
    description: kind.description,
  };
}

function problemExample(kind: Kind): Members {
  const { isRetryable = false, reasons, actions } = kind;
  const value: Members = {
    type: `urn:rollup-vault:problem:${kind.code}`,
    title: kind.title,
    status: kind.status,
    detail: kind.detail,
    instance: REQUEST_ID,
    code: kind.code,
    retryable: isRetryable,
    ...(isRetryable && { retry_after: 7 }),
    action: actions[0] ?? "none",
    ...(reasons && { reason: reasons[0] ?? "" }),
    ...(kind.missingScopes && { missing_scopes: kind.missingScopes }),
  };
  return { summary: kind.title, value };
}

export const PROBLEM_SCHEMAS: Members = {
  Problem: {
    oneOf: KINDS.map((kind) => schema(kind.schema)),
    description:
      "Any refusal. `code` names it, `action` says who must do what, `reason` why. `detail` is for developers and may change; `instance` is the request's id, for the operator.",
  },
  ...Object.fromEntries(KINDS.map((kind) => [kind.schema, problemSchema(kind)])),
  GatewayMessage: {
    ...closed({ message: { type: ["string", "null"] } }),
    description: "Amazon API Gateway's own answer; this API has not run.",
    examples: [{ message: "Too Many Requests" }],
  },
};

export const PROBLEM_EXAMPLES: Members = Object.fromEntries(
  KINDS.map((kind) => [kind.code, problemExample(kind)]),
);

/** Extra headers of a code's response. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  invalid_token: ["WWW-Authenticate"],
  method_not_allowed: ["Allow"],
  temporarily_unavailable: ["Retry-After"],
  too_many_requests: ["Retry-After"],
};

/**
 * A response with one of these problems; with `gateway` also API Gateway's own answer.
 */
export function problems(codes: readonly string[], { gateway = false } = {}): Members {
  const kinds = codes.flatMap((code) => KINDS.filter((kind) => kind.code === code));
  const schemas = kinds.map((kind) => schema(kind.schema));
  const names = kinds.flatMap(({ code }) => HEADERS[code] ?? []);
  return {
    description: kinds.map(({ description }) => description).join(" "),
    headers: Object.fromEntries(
      ["Cache-Control", "X-Content-Type-Options", ...names].map((name) => [name, header(name)]),
    ),
    content: {
      "application/problem+json": {
        schema: schemas.length === 1 ? (schemas[0] ?? {}) : { oneOf: schemas },
        examples: Object.fromEntries(
          codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
        ),
      },
      ...(gateway && { "application/json": { schema: schema("GatewayMessage") } }),
    },
  };
}
