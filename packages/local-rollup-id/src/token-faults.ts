/** What a fault does on the wire instead of the right answer. */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { TokenFault } from "./fault-config";
import { sendAnswer, sendJson } from "./http-bodies";
import type { JsonAnswer } from "./rollup-errors";

const OVERSIZE_BYTES = 70_000;
const SLOW_MS = 5_000;
const DRIP_MS = 200;
const HTML = "<!doctype html><title>502 Bad Gateway</title><h1>Bad gateway</h1>";

type Commit = (wire: {
  readonly fault: TokenFault;
  readonly response: ServerResponse;
  /** What would have been sent; an empty one where the request was not processed. */
  readonly right: JsonAnswer;
}) => Promise<void> | void;

/** Whether the request is processed before the fault. */
export function isProcessed({ kind, processed }: TokenFault): boolean {
  return processed ?? !["status", "html", "redirect", "malformed"].includes(kind);
}

export async function commitFault(
  fault: TokenFault,
  response: ServerResponse,
  right: JsonAnswer = { status: 200, body: {} },
): Promise<void> {
  await COMMIT[fault.kind]({ fault, response, right });
}

/** The delay of `slow`; a client that has gone by then gets nothing. */
export async function wait({ delay_ms: milliseconds = SLOW_MS }: TokenFault): Promise<void> {
  await sleep(milliseconds, undefined, { ref: false });
}

const COMMIT: Readonly<Record<TokenFault["kind"], Commit>> = {
  status: ({ fault, response }) => {
    sendJson(response, fault.status ?? 500, fault.body ?? {}, fault.headers);
  },
  html: ({ fault, response }) => {
    response.writeHead(fault.status ?? 502, { "content-type": "text/html" }).end(HTML);
  },
  redirect: ({ fault, response }) => {
    response.writeHead(fault.status ?? 307, { location: "/elsewhere" }).end();
  },
  malformed: ({ response }) => {
    sendJson(response, 200, '{"access_token":');
  },
  wrong_content_type: ({ response, right }) => {
    sendJson(response, right.status, right.body, { "content-type": "text/html" });
  },
  oversize: ({ response, right }) => {
    sendJson(response, right.status, { ...right.body, padding: "x".repeat(OVERSIZE_BYTES) });
  },
  slow: async ({ fault, response, right }) => {
    await wait(fault);
    sendAnswer(response, right);
  },
  drip: async ({ fault, response, right }) => {
    await drip(response, JSON.stringify(right.body), fault.delay_ms ?? DRIP_MS);
  },
  cut_off: ({ response, right }) => {
    const text = JSON.stringify(right.body);
    response.writeHead(right.status, {
      "content-type": "application/json; charset=utf-8",
      "content-length": String(Buffer.byteLength(text)),
    });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  },
  no_answer: ({ response }) => {
    response.destroy();
  },
  // The answer already names another subject.
  wrong_sub: ({ response, right }) => {
    sendAnswer(response, right);
  },
};

async function drip(response: ServerResponse, text: string, pause: number): Promise<void> {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
  for (const character of text) {
    if (response.destroyed) {
      return;
    }
    response.write(character);
    await sleep(pause, undefined, { ref: false });
  }
  response.end();
}
