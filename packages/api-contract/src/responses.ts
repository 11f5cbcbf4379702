/** Responses, headers and parameters that several operations share. */
import { CSRF_HEADER } from "../../../lambda/facts";
import { example, header, type Members, schema } from "./json";
import { problems } from "./problems";

const text = (description: string, rest: Members = {}): Members => ({
  description,
  required: true,
  schema: { type: "string", ...rest },
});

const COOKIE = "Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=";

export const ALLOW: Members = {
  description: "With 405: the methods of the path.",
  schema: { type: "string", pattern: "^[A-Z]+(?:, [A-Z]+)*$", examples: ["PUT, GET, PATCH"] },
};

export const HEADERS: Members = {
  "Cache-Control": text("Not to be cached.", { const: "no-store" }),
  "X-Content-Type-Options": text("No sniffing.", { const: "nosniff" }),
  ETag: text("The user's version in quotes, for `If-Match`.", {
    pattern: '^"[1-9][0-9]*"$',
    examples: ['"3"'],
  }),
  "WWW-Authenticate": text("RFC 6750 section 3.", { const: 'Bearer error="invalid_token"' }),
  "Retry-After": {
    description: "Seconds.",
    required: true,
    schema: { type: "integer", minimum: 1 },
  },
  Allow: ALLOW,
  "Session-Cookie": {
    description:
      "Only where the stage keeps sessions in a cookie: the token, which no script can read.",
    schema: { type: "string", pattern: `^__Host-session=rvs_[A-Za-z0-9_-]{49}; ${COOKIE}[0-9]+$` },
  },
  "Cleared-Cookie": {
    description: "Only where the stage keeps sessions in a cookie: removes it.",
    schema: { type: "string", const: `__Host-session=; ${COOKIE}0` },
  },
};

const common = ["Cache-Control", "X-Content-Type-Options"] as const;

/** The headers of every answer, and `more` of this one. */
export function headers(more: Members = {}): Members {
  return { ...Object.fromEntries(common.map((name) => [name, header(name)])), ...more };
}

export const RESPONSES: Members = {
  InvalidRequest: problems(["invalid_request"]),
  InvalidToken: problems(["invalid_token"]),
  AccessDenied: problems(["access_denied"]),
  FrozenOrDenied: problems(["frozen", "access_denied"]),
  FrozenOrNotListed: problems(["frozen", "access_denied"], { gateway: true }),
  NotFound: problems(["not_found"]),
  NeedsSignInOrConsent: problems(["needs_sign_in", "needs_consent"]),
  PreconditionFailed: problems(["precondition_failed"]),
  PayloadTooLarge: problems(["payload_too_large"], { gateway: true }),
  UnsupportedMediaType: problems(["unsupported_media_type"]),
  TooManyRequests: problems(["too_many_requests"], { gateway: true }),
  ServerError: problems(["server_error"], { gateway: true }),
  TemporarilyUnavailable: problems(["temporarily_unavailable"], { gateway: true }),
  Otherwise: {
    description:
      "Not from this operation. From Amazon API Gateway, before this API runs: 429 above the rate of the stage or the route, 431 for headers above 10,240 bytes, and the like. From this API: 405 for an unknown method.",
    headers: { Allow: header("Allow") },
    content: {
      "application/json": { schema: schema("GatewayMessage") },
      "application/problem+json": {
        schema: schema("Problem"),
        examples: { method_not_allowed: example("method_not_allowed") },
      },
    },
  },
};

export const PARAMETERS: Members = {
  IfMatch: {
    name: "If-Match",
    in: "header",
    required: false,
    description: "Patch only this version: the `ETag` of the user as read.",
    schema: { type: "string", pattern: '^(?:\\*|"[1-9][0-9]{0,14}")$' },
    example: '"3"',
  },
  IfNoneMatch: {
    name: "If-None-Match",
    in: "header",
    required: false,
    description: "The `ETag` of the client's copy.",
    schema: { type: "string" },
  },
  Fresh: {
    name: "fresh",
    in: "query",
    required: false,
    description: "Also ask the provider's userinfo with the user's access token.",
    schema: { type: "boolean", const: true },
  },
  SessionId: {
    name: "id",
    in: "path",
    required: true,
    description: "The session's `id`, as `GET /sessions` lists it.",
    schema: { type: "string", format: "uuid" },
  },
  CustomHeader: {
    name: CSRF_HEADER,
    in: "header",
    required: false,
    description:
      "Needed with a session cookie for everything but a plain read; any value. Other sites cannot set it.",
    schema: { type: "string", minLength: 1 },
    example: "1",
  },
};
