/** A proxy in front of the API that changes exactly one behaviour of it. */
import { createServer, type IncomingMessage, request as send } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly origin: string | undefined;
  /** Without `Bearer `. */
  readonly bearer: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
  /** Tokens that went through the proxy before, by what they are. */
  readonly seen: Seen;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Sabotage {
  /** In the place of the deployment, which does not get the request then. */
  readonly instead?: (asked: Asked) => Answered | undefined;
  /** What becomes of the deployment's answer. */
  readonly spoil?: (asked: Asked, answered: Answered) => Answered | undefined;
}

interface Seen {
  readonly sessions: Set<string>;
  readonly refreshTokens: Set<string>;
  readonly accessTokens: Set<string>;
}

export interface Saboteur {
  readonly url: string;
  close(): Promise<void>;
}

export async function startSaboteur(target: string, sabotage: Sabotage): Promise<Saboteur> {
  const seen: Seen = { sessions: new Set(), refreshTokens: new Set(), accessTokens: new Set() };
  const handle = async (request: IncomingMessage): Promise<Answered> => {
    const body = await textOf(request);
    const asked = askedBy(request, body, seen);
    const instead = sabotage.instead?.(asked);
    if (instead !== undefined) {
      return instead;
    }
    const answered = await forward(target, request, body);
    remember(seen, asked, answered);
    return sabotage.spoil?.(asked, answered) ?? answered;
  };
  const server = createServer((request, response) => {
    handle(request).then(
      ({ status, headers, body }) => {
        const length = Buffer.byteLength(body);
        for (const [name, value] of Object.entries(headers)) {
          if (value !== undefined) {
            response.setHeader(name, value);
          }
        }
        response.setHeader("content-length", length);
        response.writeHead(status).end(body);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function askedBy({ method, url, headers }: IncomingMessage, body: string, seen: Seen): Asked {
  const { authorization, origin } = headers;
  const bearer = authorization?.startsWith("Bearer ") ? authorization.slice(7) : undefined;
  return { method: method ?? "", path: url ?? "", origin, bearer, authorization, body, seen };
}

async function forward(target: string, request: IncomingMessage, body: string): Promise<Answered> {
  const { method, url, headers } = request;
  return await new Promise((resolve, reject) => {
    const sending = send(new URL(url ?? "", target), { method, headers }, (response) => {
      textOf(response).then((text) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      }, reject);
    });
    sending.on("error", reject);
    sending.end(body);
  });
}

function remember(
  { sessions, refreshTokens, accessTokens }: Seen,
  asked: Asked,
  answered: Answered,
) {
  const { session, access_token: accessToken } = json(answered.body);
  const { token } = (session ?? {}) as Record<string, unknown>;
  const { refresh_token: refreshToken } = json(asked.body);
  const found: [Set<string>, unknown][] = [
    [sessions, token],
    [accessTokens, accessToken],
    [refreshTokens, refreshToken],
  ];
  for (const [set, value] of found) {
    if (typeof value === "string") {
      set.add(value);
    }
  }
}

export function json(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
