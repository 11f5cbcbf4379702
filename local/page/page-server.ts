/**
 * The page's own origin on a loopback port, so that the browser's rules between page and API are
 * the real ones.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

export interface PageFile {
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** @default the policy of {@link PageContent} */
  readonly contentSecurityPolicy?: string;
  /** @default `no-store` */
  readonly cacheControl?: string;
}

export interface PageContent {
  /** By exact path, e.g. `/app.js`: nothing is ever looked up in the file system. */
  readonly files: Readonly<Record<string, PageFile>>;
  /** JSON that is made when it is asked for, by exact path. */
  readonly documents: Readonly<Record<string, (query: URLSearchParams) => unknown>>;
  /**
   * What may be told (`POST`, JSON) by this origin's own pages, by exact path. Answered is what it
   * returns; undefined: it was not understood.
   */
  readonly changes?: Readonly<Record<string, (body: unknown) => Promise<unknown>>>;
  /** Asked first; undefined: whatever is at this path. */
  readonly instead?: (target: URL) => PageFile | undefined;
  readonly contentSecurityPolicy: string;
}

export interface PageServer {
  readonly url: string;
  /** 503 before that. */
  serve(content: PageContent): void;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const JSON_TYPE = "application/json; charset=utf-8";

/** Headers of every answer. */
const HEADERS = {
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * Takes the port at once, so that its origin is known before anything is synthesized for it.
 * @param port 0: any free one
 * @throws Error with the system's code, e.g. `EADDRINUSE`
 */
export async function openPageServer(port: number): Promise<PageServer> {
  let content: PageContent | undefined;
  const server = createServer((request, response) => {
    answer({ content, origin }, request, response).catch(() => {
      sendText(response, 500, "it failed");
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, HOST, resolve);
  });
  const actual = (server.address() as AddressInfo).port;
  const origin = `http://${HOST}:${actual}`;
  return {
    url: origin,
    serve: (next) => {
      content = next;
    },
    close: () => close(server),
  };
}

interface Served {
  readonly content: PageContent | undefined;
  readonly origin: string;
}

async function answer(
  { content, origin }: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { host, port } = new URL(origin);
  const target = new URL(request.url ?? "/", origin);
  if (request.headers.host === `localhost:${port}`) {
    // Another origin to a browser, and not one that the API knows.
    response.writeHead(308, { ...HEADERS, location: `${origin}${target.pathname}` }).end();
    return;
  }
  if (request.headers.host !== host) {
    // A foreign domain name may resolve to this machine (DNS rebinding).
    sendText(response, 421, "not the name of this server");
    return;
  }
  const { pathname } = target;
  if (request.method === "POST" && Object.hasOwn(content?.changes ?? {}, pathname)) {
    await change({ change: content?.changes?.[pathname], origin }, request, response);
    return;
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    sendText(response, 405, "GET and HEAD only");
    return;
  }
  if (content === undefined) {
    sendText(response, 503, "starting");
    return;
  }
  await send({ content, target }, request, response);
}

const MAX_BODY = 10_000;

/** Only a page of this origin may: a browser says which one asks, and forms cannot send JSON. */
async function change(
  told: {
    readonly change: ((body: unknown) => Promise<unknown>) | undefined;
    readonly origin: string;
  },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { origin, "content-type": type } = request.headers;
  if (origin !== told.origin || type !== "application/json") {
    sendText(response, 403, "only for the pages of this server");
    return;
  }
  const done = await told.change?.(await readJson(request));
  if (done === undefined) {
    sendText(response, 400, "not understood");
    return;
  }
  sendBody(response, { contentType: JSON_TYPE, body: JSON.stringify(done) }, false);
}

/** Undefined where it is no JSON, or too much. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_BODY) {
      return undefined;
    }
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function send(
  { content, target }: { readonly content: PageContent; readonly target: URL },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = target;
  const known = Object.hasOwn(content.files, pathname) ? content.files[pathname] : undefined;
  const file = content.instead?.(target) ?? known;
  const document = Object.hasOwn(content.documents, pathname)
    ? content.documents[pathname]
    : undefined;
  if (document !== undefined) {
    const body = JSON.stringify(await document(searchParams));
    sendBody(response, { contentType: JSON_TYPE, body }, false);
    return;
  }
  if (file === undefined) {
    sendText(response, 404, "nothing at this path");
    return;
  }
  const policy = file.contentSecurityPolicy ?? content.contentSecurityPolicy;
  response.setHeader("content-security-policy", policy);
  sendBody(response, file, /\bgzip\b/.test(request.headers["accept-encoding"] ?? ""));
}

function sendBody(response: ServerResponse, file: PageFile, compressed: boolean): void {
  const body = compressed ? gzipSync(file.body) : Buffer.from(file.body);
  response.writeHead(200, {
    ...HEADERS,
    ...(file.cacheControl !== undefined && { "cache-control": file.cacheControl }),
    ...(compressed && { "content-encoding": "gzip", vary: "accept-encoding" }),
    "content-type": file.contentType,
    "content-length": body.length,
  });
  response.end(body);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    ...HEADERS,
    "content-type": "text/plain; charset=utf-8",
    "content-security-policy": "default-src 'none'",
  });
  response.end(`${text}\n`);
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
