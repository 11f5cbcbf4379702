/**
 * What happens to every request: event, route, credentials, query, body, use case, response. The
 * only try/catch, the only log line, the only error map.
 */
import type * as v from "valibot";
import {
  InvalidRequestError,
  ServiceError,
  TooManyRequestsError,
  UnauthorizedError,
  UnavailableError,
} from "../errors";
import type { Caller, EpochMs, JsonValue, Session, VerifiedIdToken } from "../model";
import type { Clock, Logger } from "../ports/runtime";
import type { Authenticate } from "./authenticate";
import { assertNoBody, type BodySchema, readBody } from "./body";
import { type HttpEvent, readEvent } from "./event";
import { type Outcome, outcomeOf } from "./outcome";
import { toProblemResponse } from "./problem";
import { type GatewayResponse, jsonResponse, rawJsonResponse } from "./response";
import { requireListedRole } from "./service-role";

export interface RouteResult {
  readonly status: number;
  /** @default ok */
  readonly outcome?: Outcome;
  readonly body?: JsonValue;
  /** JSON text, in the place of `body`. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Values of `Set-Cookie` headers. */
  readonly cookies?: readonly string[];
}

export interface RouteRequest<Body> {
  readonly body: Body;
  readonly event: HttpEvent;
  readonly routeKey: string;
  /** When the platform ends this invocation. */
  readonly deadline: EpochMs;
  readonly log: Logger;
  readonly marks: Marks;
}

/** What is known of a request also where it fails. */
interface Marks {
  /** No access token that was kept is good enough. */
  needsRefresh: boolean;
}

/** A route with its types erased: what `createEndpoint` takes. */
export type Route = (request: RouteRequest<undefined>, tools: RouteTools) => Promise<RouteResult>;

interface RouteTools {
  readonly authenticate: Authenticate;
}

interface Definition<S extends BodySchema, Authenticated> {
  /** Absent: the route takes no body. */
  readonly body?: S;
  /** Query strings that the route accepts, each exactly as written. */
  readonly queries?: readonly string[];
  readonly handle: (
    request: RouteRequest<v.InferOutput<S>> & Authenticated,
  ) => Promise<RouteResult>;
}

/** A route for users, authenticated by an ID token or a session. */
export function userRoute<S extends BodySchema>(
  definition: Definition<S, { readonly caller: Caller }>,
): Route {
  return async (request, { authenticate }) => {
    const caller = await authenticate(request.event);
    assertNoQuery(request.event, definition.queries);
    const body = bodyOf<S>(request.event, definition.body);
    return await definition.handle({ ...request, caller, body });
  };
}

/** A route for users with an ID token. A session is refused. */
export function idTokenRoute<S extends BodySchema>(
  definition: Definition<S, { readonly caller: Caller; readonly idToken: VerifiedIdToken }>,
): Route {
  const { handle, ...rest } = definition;
  return userRoute<S>({
    ...rest,
    handle: async (request) => {
      const { caller } = request;
      if (caller.kind !== "id_token") {
        throw new UnauthorizedError("wrong_token_kind");
      }
      return await handle({ ...request, idToken: caller.idToken });
    },
  });
}

/** A route for users with a session. An ID token is refused. */
export function sessionRoute<S extends BodySchema>(
  definition: Definition<S, { readonly session: Session }>,
): Route {
  const { handle, ...rest } = definition;
  return userRoute<S>({
    ...rest,
    handle: async ({ caller, ...request }) => {
      if (caller.kind !== "session") {
        throw new UnauthorizedError("wrong_token_kind");
      }
      return await handle({ ...request, session: caller.session });
    },
  });
}

/** A route for the owner's backends, authenticated by AWS IAM. Users' tokens mean nothing here. */
export function serviceRoute<S extends BodySchema>(
  definition: Definition<S, { readonly roleArn: string }> & {
    /** ARNs of the roles that may call it. */
    readonly roles: readonly string[];
  },
): Route {
  return async (request) => {
    const roleArn = requireListedRole(request.event.userArn, definition.roles);
    assertNoQuery(request.event);
    const body = bodyOf<S>(request.event, definition.body);
    return await definition.handle({ ...request, roleArn, body });
  };
}

/** A route without authentication. */
export function publicRoute(definition: {
  handle(request: RouteRequest<undefined>): Promise<RouteResult> | RouteResult;
}): Route {
  return async (request) => {
    assertNoQuery(request.event);
    return await definition.handle(request);
  };
}

/** A route with two authentication methods; `choose` looks which one the request uses. */
export function eitherRoute(choose: (event: HttpEvent) => Route): Route {
  return async (request, tools) => await choose(request.event)(request, tools);
}

export interface EndpointOptions {
  /** By route key, e.g. `GET /me`. */
  readonly routes: Readonly<Record<string, Route>>;
  readonly authenticate: Authenticate;
  readonly logger: Logger;
  readonly clock: Clock;
}

export interface LambdaContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** The Lambda handler of the routes. It never throws and never rejects, for any event. */
export function createEndpoint(options: EndpointOptions) {
  const { routes, authenticate, logger, clock } = options;
  const table = new Map(Object.entries(routes));

  return async (rawEvent: unknown, context: LambdaContext): Promise<GatewayResponse> => {
    const startedAt = clock.now();
    const event = readEvent(rawEvent, context.awsRequestId);
    const route = table.get(event.routeKey) ?? table.get("$default");
    const marks = { needsRefresh: false };
    try {
      if (route === undefined) {
        throw new InvalidRequestError("not_found");
      }
      const deadline = startedAt + context.getRemainingTimeInMillis();
      const { routeKey } = event;
      const request = { body: undefined, event, routeKey, deadline, log: logger, marks };
      const result = await route(request, { authenticate });
      const { status, outcome = "ok" } = result;
      logger.info("request", { ...described(event, clock.now() - startedAt), status, outcome });
      return toGatewayResponse(result);
    } catch (error) {
      const problem = toProblemResponse(error, event.requestId);
      const status = problem.answer.statusCode;
      const outcome = outcomeOf(error, status, marks.needsRefresh);
      const fields = { ...described(event, clock.now() - startedAt), ...explained(error) };
      logger[levelOf(status)]("request", { ...fields, status, outcome, code: problem.code });
      return problem.answer;
    }
  };

  /** The route key is one of the template's. The path is the caller's text, so it is not logged. */
  function described(event: HttpEvent, durationMs: number) {
    const route = table.has(event.routeKey) ? event.routeKey : "$default";
    return { requestId: event.requestId, route, durationMs };
  }
}

function toGatewayResponse({
  status,
  body,
  text,
  headers,
  cookies = [],
}: RouteResult): GatewayResponse {
  const plain =
    text === undefined
      ? jsonResponse(status, body, headers)
      : rawJsonResponse(status, text, headers);
  return cookies.length === 0 ? plain : { ...plain, cookies: [...cookies] };
}

function bodyOf<S extends BodySchema>(event: HttpEvent, schema: S | undefined): v.InferOutput<S> {
  if (schema !== undefined) {
    return readBody(event, schema);
  }
  assertNoBody(event);
  return {};
}

/** Refuses unknown queries: `?sub=` must not look as if it worked (S21). */
function assertNoQuery({ query }: HttpEvent, known: readonly string[] = []): void {
  if (query !== "" && !known.includes(query)) {
    throw new InvalidRequestError("unexpected_query");
  }
}

function levelOf(status: number): "info" | "warn" | "error" {
  if (status >= 500) {
    return status === 503 ? "warn" : "error";
  }
  return "info";
}

/** Only the class name of an unexpected error: its message may quote a secret. */
function explained(error: unknown) {
  const cause = error instanceof ServiceError ? error.cause : error;
  return {
    reason: error instanceof ServiceError ? error.reason : "bug",
    ...(cause instanceof Error ? { cause: cause.name } : {}),
    ...(error instanceof UnavailableError || error instanceof TooManyRequestsError
      ? { retryAfterSeconds: error.retryAfterSeconds }
      : {}),
    ...(error instanceof ServiceError && error.setting !== undefined
      ? { setting: error.setting }
      : {}),
  };
}
