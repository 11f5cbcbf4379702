/**
 * The operator's screen on a loopback port: the page, and what it asks with the operator's own AWS
 * credentials. Nothing of it is reachable from another machine or from another page.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import findMyWay, { type HTTPMethod } from "find-my-way";
import { NeedsSignInError, ServiceError } from "../../../lambda/errors";
import { AdminError } from "../admin-error";
import { explain } from "../explain";
import { type Answer, createAnswers, type Screen } from "./answers";
import { screenFiles } from "./files";
import { refusalOf } from "./guard";
import { createKeys } from "./key";

export interface OperatorScreen {
  /** With the token that works once. */
  readonly address: string;
  readonly origin: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const MAX_BODY = 10_000;

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

interface Sent {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

/**
 * @param port 0: any free one
 * @throws Error with the system's code, e.g. `EADDRINUSE`
 */
export async function serveOperatorScreen(screen: Screen, port: number): Promise<OperatorScreen> {
  const keys = createKeys();
  const answer = createRoutes(screen, keys.redeem);
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      send(response, failed(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, HOST, resolve);
  });
  const origin = `http://${HOST}:${String((server.address() as AddressInfo).port)}`;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/", headers } = request;
    const { pathname, searchParams } = new URL(url, origin);
    const refusal = refusalOf({ method, path: pathname, headers }, origin, keys.isKey);
    if (refusal !== undefined) {
      send(response, problem(refusal.status, refusal.message));
      return;
    }
    const query = Object.fromEntries(searchParams);
    const body = method === "POST" ? await readJson(request) : undefined;
    send(response, await answer(method as HTTPMethod, pathname, { query, body }));
  }

  return { origin, address: `${origin}/#t=${keys.token}`, close: () => close(server) };
}

function createRoutes(screen: Screen, redeem: (token: string) => string | undefined) {
  const router = findMyWay({ caseSensitive: true });
  const store = (
    method: HTTPMethod,
    path: string,
    make: (asked: Parameters<Answer>[0]) => unknown,
  ) => {
    router.on(method, path, () => undefined, { make });
  };
  for (const [path, { contentType: type, body }] of Object.entries(screenFiles())) {
    store("GET", path, (): Sent => ({ status: 200, type, body }));
  }
  for (const [route, make] of Object.entries(createAnswers(screen))) {
    const [method = "", path = ""] = route.split(" ");
    store(method as HTTPMethod, path, async (asked) => json(200, await make(asked)));
  }
  store("POST", "/session", ({ body }): Sent => {
    const { token } = (body ?? {}) as { readonly token?: unknown };
    const key = typeof token === "string" ? redeem(token) : undefined;
    return key === undefined
      ? problem(401, "this address was used before, or is of an earlier start")
      : json(200, { key });
  });
  return async (method: HTTPMethod, path: string, asked: Parameters<Answer>[0]): Promise<Sent> => {
    const found = router.find(method, path)?.store as
      { readonly make: (asked: Parameters<Answer>[0]) => Sent | Promise<Sent> } | undefined;
    return found === undefined ? problem(404, "nothing here") : await found.make(asked);
  };
}

function json(status: number, value: unknown): Sent {
  return { status, type: "application/json; charset=utf-8", body: JSON.stringify(value) };
}

function problem(status: number, message: string): Sent {
  return json(status, { message });
}

/** The operator may read what went wrong, as at the terminal. */
function failed(error: unknown): Sent {
  if (error instanceof RangeError) {
    return problem(400, error.message);
  }
  const isTheirs = error instanceof AdminError || error instanceof NeedsSignInError;
  return problem(isTheirs ? 409 : error instanceof ServiceError ? 502 : 500, explain(error));
}

/** @throws RangeError where it is no JSON, or too much */
async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_BODY) {
      throw new RangeError("too much");
    }
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new RangeError("no JSON");
  }
}

function send(response: ServerResponse, { status, type, body }: Sent): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    ...HEADERS,
    "content-type": type,
    "content-length": bytes.length,
  });
  response.end(bytes);
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
