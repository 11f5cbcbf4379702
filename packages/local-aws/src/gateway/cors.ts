/**
 * CORS as an HTTP API does it: preflights never reach a function, and what a function says about
 * CORS is dropped. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
import type { CorsConfiguration } from "../template/cors-configuration";
import type { GatewayRequest } from "./request";
import type { GatewayResponse } from "./response";

export interface Cors {
  /** The gateway's own answer, if the request is a preflight. */
  preflight(request: GatewayRequest): GatewayResponse | undefined;
  /** Puts the API's CORS headers in the place of the function's. */
  decorate(request: GatewayRequest, response: GatewayResponse): GatewayResponse;
}

/** @param configuration undefined: the API has none, functions answer for themselves */
export function createCors(configuration: CorsConfiguration | undefined): Cors {
  if (configuration === undefined) {
    return { preflight: () => undefined, decorate: (_, response) => response };
  }
  return {
    preflight: (request) => {
      const { method, headers } = request;
      const isPreflight =
        method === "OPTIONS" &&
        headers["origin"] !== undefined &&
        headers["access-control-request-method"] !== undefined;
      return isPreflight
        ? { status: 204, headers: preflightHeaders(configuration, request), body: Buffer.alloc(0) }
        : undefined;
    },
    decorate: (request, response) => ({
      ...response,
      headers: { ...withoutCors(response.headers), ...originHeaders(configuration, request) },
    }),
  };
}

function preflightHeaders(cors: CorsConfiguration, request: GatewayRequest) {
  const origin = originHeaders(cors, request);
  return {
    ...origin,
    ...(Object.keys(origin).length > 0 && {
      ...list("access-control-allow-methods", cors.AllowMethods),
      ...list("access-control-allow-headers", cors.AllowHeaders),
      ...(cors.MaxAge !== undefined && { "access-control-max-age": String(cors.MaxAge) }),
    }),
  };
}

function originHeaders(
  cors: CorsConfiguration,
  { headers }: GatewayRequest,
): Record<string, string> {
  const origin = headers["origin"];
  if (origin === undefined) {
    return {};
  }
  const wildcard = cors.AllowOrigins.includes("*");
  if (!wildcard && !cors.AllowOrigins.some((allowed) => matches(allowed, origin))) {
    return {};
  }
  return {
    "access-control-allow-origin": wildcard ? "*" : origin,
    ...(cors.AllowCredentials && { "access-control-allow-credentials": "true" }),
    ...list("access-control-expose-headers", cors.ExposeHeaders),
  };
}

/** An origin, or all of a scheme (`https://*`). */
function matches(allowed: string, origin: string): boolean {
  return allowed.endsWith("://*") ? origin.startsWith(allowed.slice(0, -1)) : allowed === origin;
}

function list(name: string, values: readonly string[]): Record<string, string> {
  return values.length === 0 ? {} : { [name]: values.join(",") };
}

function withoutCors(headers: GatewayResponse["headers"]): GatewayResponse["headers"] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith("access-control-")),
  );
}
