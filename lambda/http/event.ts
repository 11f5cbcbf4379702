/**
 * Reads an API Gateway event (payload format 2.0) without trusting its shape: an event that is not
 * as documented is a bad request, never a crash (S35).
 */

export interface HttpEvent {
  /** `GET /me`, or `$default` where no route matched. */
  readonly routeKey: string;
  readonly method: string;
  readonly path: string;
  /** Names in lower case. API Gateway joins duplicates by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** `name=value`, each. */
  readonly cookies: readonly string[];
  /** As sent, without the question mark. */
  readonly query: string;
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
  /** Of a route with `{name}` in its path. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** The client's address as API Gateway saw it, never as a header claims it. */
  readonly sourceIp: string | undefined;
  /** The IAM principal that signed the request, on a route with IAM authorization. */
  readonly userArn: string | undefined;
}

export function readEvent(event: unknown, fallbackRequestId: string): HttpEvent {
  const root = members(event);
  const context = members(root["requestContext"]);
  const http = members(context["http"]);
  return {
    routeKey: text(root["routeKey"]) ?? "",
    method: text(http["method"]) ?? "",
    path: text(root["rawPath"]) ?? text(http["path"]) ?? "",
    headers: readHeaders(root["headers"]),
    cookies: readCookies(root["cookies"]),
    query: text(root["rawQueryString"]) ?? "",
    body: text(root["body"]),
    isBase64Encoded: root["isBase64Encoded"] === true,
    pathParameters: readTexts(root["pathParameters"]),
    requestId: text(context["requestId"]) ?? fallbackRequestId,
    sourceIp: text(http["sourceIp"]),
    userArn: text(members(members(context["authorizer"])["iam"])["userArn"]),
  };
}

/**
 * Joins headers whose names differ in case only, as API Gateway joins, so that none hides another
 * (S19).
 */
function readHeaders(headers: unknown): Readonly<Record<string, string>> {
  const joined = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(members(headers))) {
    if (typeof value === "string") {
      const lower = name.toLowerCase();
      const before = joined[lower];
      joined[lower] = before === undefined ? value : `${before},${value}`;
    }
  }
  return joined;
}

function readCookies(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((cookie) => typeof cookie === "string") : [];
}

function readTexts(value: unknown): Readonly<Record<string, string>> {
  return Object.assign(
    Object.create(null) as Record<string, string>,
    Object.fromEntries(
      Object.entries(members(value)).filter(
        (entry): entry is [string, string] => typeof entry[1] === "string",
      ),
    ),
  );
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
