/**
 * Stands between everybody and a provider, whose issuer is its address: it counts what reaches the
 * provider, and plays a network that fails.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, request as send, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Proxy {
  readonly origin: string;
  /** Answers to refresh requests, and to others, of the provider itself. */
  readonly seen: readonly Seen[];
  /** Refresh requests that the provider has answered with tokens. */
  exchanges(): number;
  /** The newest refresh token that went past. */
  newestRefreshToken(): string;
  /** What becomes of the next refresh request. */
  next(mishap: Mishap): void;
  /** Nobody listens here any more: connections are refused. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

interface Seen {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly isRefresh: boolean;
  readonly status: number;
}

/** `refuse`: 503 with `Retry-After: 2`, and the provider sees nothing. `lose`: it has answered. */
type Mishap = "refuse" | "lose";

interface Exchange {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** @param port the provider's own */
export async function startProxy(port: number): Promise<Proxy> {
  const seen: Seen[] = [];
  let newest = "";
  let mishap: Mishap | undefined;
  const answer = async (request: IncomingMessage): Promise<Exchange | undefined> => {
    const body = await whole(request);
    const { method = "", url = "" } = request;
    const form = new URLSearchParams(method === "POST" ? body.toString("utf8") : "");
    const isRefresh = form.get("grant_type") === "refresh_token";
    const due = isRefresh ? mishap : undefined;
    mishap = isRefresh ? undefined : mishap;
    if (due === "refuse") {
      return { status: 503, headers: { "retry-after": "2" }, body: Buffer.alloc(0) };
    }
    const answered = await forward(request, body, port);
    const path = new URL(url, "http://127.0.0.1").pathname;
    seen.push({ method, path, isRefresh, status: answered.status });
    newest = refreshTokenIn(answered) ?? newest;
    return due === "lose" ? undefined : answered;
  };
  const server = createServer((request, response) => {
    answer(request).then(
      (exchange) => {
        if (exchange === undefined) {
          request.socket.destroy();
          return;
        }
        response.writeHead(exchange.status, exchange.headers).end(exchange.body);
      },
      () => request.socket.destroy(),
    );
  });
  await listen(server, 0);
  const own = (server.address() as AddressInfo).port;
  return {
    origin: `http://127.0.0.1:${own}`,
    seen,
    exchanges: () => seen.filter(({ isRefresh, status }) => isRefresh && status === 200).length,
    newestRefreshToken: () => newest,
    next: (due) => {
      mishap = due;
    },
    pause: async () => {
      await end(server);
    },
    resume: async () => {
      await listen(server, own);
    },
    close: async () => {
      await (server.listening ? end(server) : undefined);
    },
  };
}

async function forward(request: IncomingMessage, body: Buffer, port: number): Promise<Exchange> {
  const { method, url: path, headers } = request;
  const own = ["connection", "transfer-encoding", "content-length"];
  const kept = Object.entries(headers).filter(([name]) => !own.includes(name));
  const length = body.length === 0 && method === "GET" ? [] : [["content-length", body.length]];
  const sending = send({
    host: "127.0.0.1",
    port,
    method,
    path,
    headers: Object.fromEntries([...kept, ...length]),
  });
  sending.end(body);
  const [response] = (await once(sending, "response")) as [IncomingMessage];
  const answered = await whole(response);
  const passed = { ...response.headers, "content-length": String(answered.length) };
  delete passed["transfer-encoding"];
  delete passed.connection;
  return { status: response.statusCode ?? 0, headers: passed, body: answered };
}

async function whole(message: IncomingMessage): Promise<Buffer> {
  return Buffer.concat((await message.toArray()) as Buffer[]);
}

function refreshTokenIn({ status, headers, body }: Exchange): string | undefined {
  const isJson = String(headers["content-type"]).startsWith("application/json");
  if (status !== 200 || !isJson) {
    return undefined;
  }
  const { refresh_token: token } = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
  return typeof token === "string" ? token : undefined;
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}

async function end(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
