import { STATUS_CODES } from "node:http";
import * as v from "valibot";

export interface GatewayResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

const Structured = v.object({
  statusCode: v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599)),
  headers: v.nullish(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
  cookies: v.nullish(v.array(v.string()), []),
  body: v.nullish(v.string(), ""),
  isBase64Encoded: v.nullish(v.boolean(), false),
});

/** What API Gateway itself says, in its own shape. */
export function gatewayResponse(status: number, message = STATUS_CODES[status]): GatewayResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify({ message })),
  };
}

/**
 * Turns what a function answered into a response: with a `statusCode` it is taken at its word,
 * without one it is the JSON body of a 200. A malformed answer is an internal server error.
 */
export function functionResponse(answer: unknown): GatewayResponse {
  if (typeof answer !== "object" || answer === null || !("statusCode" in answer)) {
    return jsonResponse(answer);
  }
  const structured = v.safeParse(Structured, answer);
  if (!structured.success) {
    return gatewayResponse(500);
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = structured.output;
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    status: statusCode,
    headers: {
      "content-type": "text/plain;charset=UTF-8",
      ...(Object.fromEntries(named) as Record<string, string>),
      ...(cookies.length > 0 && { "set-cookie": cookies }),
    },
    body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
  };
}

function jsonResponse(answer: unknown): GatewayResponse {
  const text = typeof answer === "string" ? answer : JSON.stringify(answer);
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: Buffer.from(text),
  };
}
