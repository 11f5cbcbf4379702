/** Responses in API Gateway's payload format 2.0. */
import type { JsonValue } from "../model";

export interface GatewayResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly cookies?: string[];
  readonly body?: string;
}

const JSON_TYPE = "application/json";
/** RFC 9457. */
export const PROBLEM_JSON = "application/problem+json";

/** No response may be cached (S34) or sniffed for another media type. */
const COMMON_HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

export function jsonResponse(
  statusCode: number,
  body?: JsonValue,
  headers: Readonly<Record<string, string>> = {},
): GatewayResponse {
  return body === undefined
    ? { statusCode, headers: { ...COMMON_HEADERS, ...headers } }
    : rawJsonResponse(statusCode, JSON.stringify(body), headers);
}

/** The same with JSON that is serialized already. */
export function rawJsonResponse(
  statusCode: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): GatewayResponse {
  return {
    statusCode,
    headers: { ...COMMON_HEADERS, "content-type": JSON_TYPE, ...headers },
    body,
  };
}
