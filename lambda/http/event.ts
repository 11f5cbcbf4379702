/**
 * What we take from an API Gateway event (payload format 2.0), read with suspicion: an event that does not look as
 * documented is a bad request, never a crash (S35).
 */

export interface HttpEvent {
  /** `GET /me`, or `$default` where no route matched. */
  readonly routeKey: string;
  readonly method: string;
  readonly path: string;
  /** Lower-case names; API Gateway joins duplicates by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly hasQuery: boolean;
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
  readonly requestId: string;
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
    hasQuery: (text(root["rawQueryString"]) ?? "") !== "",
    body: text(root["body"]),
    isBase64Encoded: root["isBase64Encoded"] === true,
    requestId: text(context["requestId"]) ?? fallbackRequestId,
  };
}

function readHeaders(headers: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(members(headers)).flatMap(([name, value]) =>
    typeof value === "string" ? [[name.toLowerCase(), value] as const] : [],
  );
  return Object.assign(Object.create(null) as object, Object.fromEntries(entries));
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
