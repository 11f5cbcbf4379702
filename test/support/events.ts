/** Events of an API Gateway HTTP API, payload format 2.0. */

export interface EventOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly isBase64Encoded?: boolean;
  readonly rawQueryString?: string;
  readonly rawPath?: string;
  readonly routeKey?: string;
}

/** @param route `GET /me` */
export function httpEvent(route: string, options: EventOptions = {}) {
  const [method = "GET", path = "/"] = route.split(" ");
  const rawPath = options.rawPath ?? path;
  return {
    version: "2.0",
    routeKey: options.routeKey ?? route,
    rawPath,
    rawQueryString: options.rawQueryString ?? "",
    headers: { host: "api.example", ...options.headers },
    requestContext: {
      accountId: "123456789012",
      apiId: "api",
      http: {
        method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp: "192.0.2.1",
        userAgent: "test",
      },
      requestId: "request-1",
      routeKey: options.routeKey ?? route,
      stage: "$default",
    },
    ...(options.body === undefined ? {} : { body: options.body }),
    isBase64Encoded: options.isBase64Encoded ?? false,
  };
}

export const lambdaContext = { awsRequestId: "aws-1", getRemainingTimeInMillis: () => 10_000 };
