/**
 * The template's HTTP API on a loopback port: what AWS would do before and after a function runs.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { FunctionError } from "../runtime/function-spec";
import type { Route } from "../template/application";
import type { CorsConfiguration } from "../template/cors-configuration";
import type { Throttles } from "../template/throttles";
import { type Cors, createCors } from "./cors";
import { createEvent } from "./event";
import type { AuthorizeByIam } from "./iam-authorization";
import { GatewayRefusal, type GatewayRequest, readRequest } from "./request";
import { functionResponse, type GatewayResponse, gatewayResponse } from "./response";
import { createRouter, type Router } from "./router";
import { createThrottle, type TakeTurn } from "./throttle";

interface GatewayOptions {
  readonly routes: readonly Route[];
  readonly cors: CorsConfiguration | undefined;
  /** @default none */
  readonly throttles?: Throttles;
  /** Runs a function; a rejection is an internal server error to the caller. */
  readonly invoke: (functionId: string, event: unknown) => Promise<unknown>;
  /** For routes with IAM authorization; absent: every call is refused. */
  readonly authorizeByIam?: AuthorizeByIam;
}

export interface Gateway {
  /** Requests are answered by these routes from now on; 503 before that. */
  serve(options: GatewayOptions): void;
  readonly url: string;
  readonly port: number;
  /** Lets running requests end for a moment, then cuts them off. */
  close(): Promise<void>;
}

interface Serving {
  readonly router: Router;
  readonly cors: Cors;
  readonly takeTurn: TakeTurn;
  readonly invoke: GatewayOptions["invoke"];
  readonly authorizeByIam: AuthorizeByIam;
  readonly port: number;
}

const HOST = "127.0.0.1";
const INTEGRATION_TIMEOUT_MS = 30_000;
const GRACE_MS = 1_000;

/**
 * Takes the port at once, so that its address is known before anything is synthesized for it.
 * @param port 0: any free one
 * @throws Error with `code: "EADDRINUSE"` if the port is taken
 */
export async function openGateway(port: number): Promise<Gateway> {
  let serving: Serving | undefined;
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => {
    void answer(serving, request, response).catch(() => response.destroy());
  });
  answerHeaderOverflow(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, HOST, resolve);
  });
  const actual = (server.address() as AddressInfo).port;
  return {
    port: actual,
    url: `http://${HOST}:${actual}`,
    serve: ({ routes, cors, invoke, throttles = NO_THROTTLES, authorizeByIam = refuseAll }) => {
      const tables = { router: createRouter(routes), cors: createCors(cors) };
      const takeTurn = createThrottle(throttles, Date.now);
      serving = { ...tables, takeTurn, invoke, authorizeByIam, port: actual };
    },
    close: () => close(server),
  };
}

const NO_THROTTLES: Throttles = { others: undefined, routes: new Map() };

function refuseAll() {
  return Promise.resolve(undefined);
}

async function answer(
  serving: Serving | undefined,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const request = await readRequest(message);
    send(response, request.id, await respond(serving, request));
  } catch (error) {
    const status = error instanceof GatewayRefusal ? error.status : 500;
    const text = error instanceof GatewayRefusal ? error.message : undefined;
    // What is left of the request is not read, so the connection is of no further use.
    response.setHeader("connection", "close");
    send(response, undefined, gatewayResponse(status, text));
  }
}

async function respond(
  serving: Serving | undefined,
  request: GatewayRequest,
): Promise<GatewayResponse> {
  if (serving === undefined) {
    return gatewayResponse(503);
  }
  const { router, cors, takeTurn, invoke, port } = serving;
  const preflight = cors.preflight(request);
  if (preflight !== undefined) {
    return preflight;
  }
  const match = router.find(request.method, request.path);
  if (match === undefined) {
    return cors.decorate(request, gatewayResponse(404));
  }
  if (!takeTurn(match.routeKey)) {
    return cors.decorate(request, gatewayResponse(429));
  }
  const isSigned = match.authorization === "AWS_IAM";
  const iam = isSigned ? await serving.authorizeByIam(request, match.routeKey) : undefined;
  if (isSigned && iam === undefined) {
    return cors.decorate(request, gatewayResponse(403));
  }
  const event = createEvent(request, match, { domainName: HOST, port, iam });
  return cors.decorate(request, await integrate(invoke(match.functionId, event)));
}

/**
 * A function that fails or times out is an internal server error; one that is throttled, and an
 * integration that takes too long, is an unavailable service.
 */
async function integrate(answer: Promise<unknown>): Promise<GatewayResponse> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<GatewayResponse>((resolve) => {
    timer = setTimeout(() => {
      resolve(gatewayResponse(503));
    }, INTEGRATION_TIMEOUT_MS);
  });
  const settled = answer.then(functionResponse, (error: unknown) =>
    gatewayResponse(error instanceof FunctionError && error.failure === "throttled" ? 503 : 500),
  );
  const response = await Promise.race([settled, late]);
  clearTimeout(timer);
  return response;
}

function send(
  response: ServerResponse,
  requestId: string | undefined,
  { status, headers, body }: GatewayResponse,
): void {
  if (requestId !== undefined) {
    response.setHeader("apigw-requestid", requestId);
  }
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, value);
  }
  response.writeHead(status, status === 204 ? {} : { "content-length": body.length });
  response.end(body);
}

/**
 * Far beyond the limit node itself gives up on the headers; the caller still gets a proper answer.
 */
function answerHeaderOverflow(server: Server): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const status =
      error.code === "HPE_HEADER_OVERFLOW"
        ? "431 Request Header Fields Too Large"
        : "400 Bad Request";
    if (socket.writable) {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    }
  });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const timer = setTimeout(() => {
    server.closeAllConnections();
  }, GRACE_MS);
  await closed;
  clearTimeout(timer);
}
