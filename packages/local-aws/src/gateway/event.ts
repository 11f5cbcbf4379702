import type {
  APIGatewayEventRequestContextV2,
  APIGatewayProxyEventV2WithRequestContext,
} from "aws-lambda";
import { LOCAL_ACCOUNT } from "../aws/call";
import type { IamIdentity } from "./iam-authorization";
import type { GatewayRequest } from "./request";

export interface Match {
  /** `GET /me`, or `$default`. */
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Where an event comes from. */
export interface Endpoint {
  readonly domainName: string;
  readonly port: number;
  /** Who has signed the request, on a route with IAM authorization. */
  readonly iam?: IamIdentity;
}

/**
 * With IAM authorization an event has `authorizer`, which the published type leaves to another
 * one.
 */
export type LocalEvent = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2 & {
    readonly authorizer?: { readonly iam: IamIdentity };
  }
>;

/**
 * The event that a function gets: payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function createEvent(request: GatewayRequest, match: Match, endpoint: Endpoint): LocalEvent {
  const { pathParameters } = match;
  const queryStringParameters = joinQuery(request.query);
  return {
    version: "2.0",
    routeKey: match.routeKey,
    rawPath: request.path,
    rawQueryString: request.query,
    ...(request.cookies.length > 0 && { cookies: [...request.cookies] }),
    headers: { ...request.headers, ...forwarded(request, endpoint) },
    ...(queryStringParameters !== undefined && { queryStringParameters }),
    requestContext: createRequestContext(request, match, endpoint),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters: { ...pathParameters } }),
    ...(request.body !== undefined && { body: request.body.text }),
    isBase64Encoded: request.body?.isBase64Encoded ?? false,
  };
}

function createRequestContext(request: GatewayRequest, match: Match, endpoint: Endpoint) {
  return {
    accountId: LOCAL_ACCOUNT,
    apiId: "local",
    ...(endpoint.iam !== undefined && { authorizer: { iam: endpoint.iam } }),
    domainName: endpoint.domainName,
    domainPrefix: "local",
    http: {
      method: request.method,
      path: request.path,
      protocol: request.protocol,
      sourceIp: request.sourceIp,
      userAgent: request.headers["user-agent"] ?? "",
    },
    requestId: request.id,
    routeKey: match.routeKey,
    stage: "$default",
    time: commonLogTime(new Date(request.receivedAt)),
    timeEpoch: request.receivedAt,
  };
}

/** Headers that API Gateway adds; what the caller sent under these names is not to be believed. */
function forwarded(request: GatewayRequest, { port }: Endpoint): Record<string, string> {
  const before = request.headers["x-forwarded-for"];
  return {
    "x-forwarded-for": before === undefined ? request.sourceIp : `${before}, ${request.sourceIp}`,
    "x-forwarded-port": String(port),
    "x-forwarded-proto": "http",
  };
}

/** Values of a name that came more than once are joined by a comma. */
function joinQuery(query: string): Record<string, string> | undefined {
  if (query === "") {
    return undefined;
  }
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

/** `12/Mar/2026:19:03:58 +0000` */
function commonLogTime(date: Date): string {
  const [, day = "", month = "", year = "", time = ""] = date.toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}
