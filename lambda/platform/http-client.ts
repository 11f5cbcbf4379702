/**
 * The HTTP client: https (plain http to loopback hosts only), no redirects, one deadline from
 * connecting to the last byte, a cap on the size (S07, S43, S52). Not the global `fetch`: its first
 * call costs a cold start tens of milliseconds, and it does not say whether a failed request was
 * sent.
 */
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { LOOPBACK_HOST } from "../facts";
import {
  type HttpClient,
  HttpFailure,
  type HttpLimit,
  type HttpRequest,
  type HttpResponse,
} from "../ports/http-client";
import { decodeContent } from "./content-coding";

/** Each request has its own connection: on a reused one it would be unknown whether it was sent. */
export function createHttpClient(): HttpClient {
  return {
    send: async (request) =>
      await new Promise<HttpResponse>((resolve, reject) => {
        const url = allowed(request.url);
        if (url === undefined) {
          reject(new HttpFailure(false));
          return;
        }
        const outgoing = open(url, request);
        if (outgoing === undefined) {
          reject(new HttpFailure(false));
          return;
        }
        exchange(outgoing, request, { resolve, reject });
      }),
  };
}

/** Undefined where Node refuses to send the request, e.g. for a line break in a header. */
function open(url: URL, request: HttpRequest): ClientRequest | undefined {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  try {
    return send(url, { method: request.method, headers: headersOf(request), agent: false });
  } catch {
    return undefined;
  }
}

interface Settle {
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (failure: HttpFailure) => void;
}

/** The part of a response that has arrived. */
interface Received {
  readonly incoming: IncomingMessage;
  readonly chunks: Buffer[];
}

function exchange(outgoing: ClientRequest, request: HttpRequest, settle: Settle): void {
  let isConnected = false;
  let received: Received | undefined;
  let isOver = false;
  // Without a cause: Node's errors name the host, and a parse error holds the bytes of the
  // response, tokens included.
  const fail = (limit?: HttpLimit) => {
    if (isOver) {
      return;
    }
    isOver = true;
    clearTimeout(timer);
    outgoing.destroy();
    const failure = new HttpFailure(isConnected, limit);
    if (request.acceptsTruncated === true && received !== undefined) {
      const truncatedBy = limit ?? "connection";
      answerOf(received, request, { truncatedBy }).then(settle.resolve, () => {
        settle.reject(failure);
      });
    } else {
      settle.reject(failure);
    }
  };
  const timer = setTimeout(fail, request.timeoutMs, "time");
  outgoing.on("socket", (socket) => {
    const event = outgoing.protocol === "https:" ? "secureConnect" : "connect";
    // From here on bytes may have left, so the provider may have seen the request.
    socket.once(event, () => {
      isConnected = true;
    });
  });
  outgoing.on("error", () => {
    fail();
  });
  outgoing.on("response", (incoming) => {
    const answer: Received = { incoming, chunks: [] };
    received = answer;
    collect(answer, request.maxBytes).then(
      (isWithinCap) => {
        if (!isWithinCap) {
          fail("size");
          return;
        }
        isOver = true;
        clearTimeout(timer);
        answerOf(answer, request).then(settle.resolve, () => {
          settle.reject(new HttpFailure(true));
        });
      },
      () => {
        fail();
      },
    );
  });
  outgoing.end(request.body);
}

/**
 * @returns whether all of it is there: no more than `maxBytes` are kept
 * @throws where the connection breaks
 */
async function collect({ incoming, chunks }: Received, maxBytes: number): Promise<boolean> {
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    if (size + chunk.length > maxBytes) {
      chunks.push(chunk.subarray(0, maxBytes - size));
      return false;
    }
    size += chunk.length;
    chunks.push(chunk);
  }
  return true;
}

/** @throws where the body cannot be decoded */
async function answerOf(
  { incoming, chunks }: Received,
  { maxBytes }: HttpRequest,
  cut: Pick<HttpResponse, "truncatedBy"> = {},
): Promise<HttpResponse> {
  const { statusCode = 0, headers } = incoming;
  const body = await decodeContent(Buffer.concat(chunks), headers["content-encoding"], maxBytes);
  return { status: statusCode, headers: headersIn(incoming), body: withoutMark(body), ...cut };
}

/** A byte order mark says nothing (RFC 8259 section 8.1). */
function withoutMark(body: Buffer): Buffer {
  const hasMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  return hasMark ? body.subarray(3) : body;
}

function allowed(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe =
    url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK_HOST.test(url.hostname));
  return isSafe ? url : undefined;
}

function headersOf({ headers, body }: HttpRequest): Record<string, string> {
  return {
    // Without this header any coding is acceptable (RFC 9110 section 12.5.3).
    "accept-encoding": "identity",
    ...headers,
    ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
  };
}

function headersIn(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}
