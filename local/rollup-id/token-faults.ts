/** What a programmed fault does on the wire instead of the right answer. */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { TokenFault } from "./programme";
import type { TokenAnswer } from "./token";
import { sendJson } from "./wire";

const OVERSIZE_BYTES = 70_000;
const DRIP_MS = 200;
const HTML = "<!doctype html><title>502 Bad Gateway</title><h1>Bad gateway</h1>";

/** Faults that come on top of a right answer. */
export function needsAnswer({ kind, processed }: TokenFault): boolean {
  const onTop = ["slow", "drip", "cut_off", "oversize", "wrong_content_type", "wrong_sub"];
  return processed ?? onTop.includes(kind);
}

/** `answer`: what would have been sent; undefined where the request was not processed. */
export async function commitFault(
  fault: TokenFault,
  response: ServerResponse,
  answer: TokenAnswer | undefined,
): Promise<void> {
  const right = answer ?? { status: 200, body: {} };
  const text = JSON.stringify(right.body);
  switch (fault.kind) {
    case "status":
      sendJson(response, fault.status ?? 500, fault.body ?? {}, fault.headers);
      return;
    case "html":
      response.writeHead(fault.status ?? 502, { "content-type": "text/html" }).end(HTML);
      return;
    case "redirect":
      response.writeHead(fault.status ?? 307, { location: "/elsewhere" }).end();
      return;
    case "malformed":
      response.writeHead(200, { "content-type": "application/json" }).end('{"access_token":');
      return;
    case "wrong_content_type":
      response.writeHead(right.status, { "content-type": "text/html" }).end(text);
      return;
    case "oversize":
      sendJson(response, right.status, { ...right.body, padding: "x".repeat(OVERSIZE_BYTES) });
      return;
    case "slow":
      await sleep(fault.delay_ms ?? 5_000, undefined, { ref: false });
      sendJson(response, right.status, right.body);
      return;
    case "drip":
      await drip(response, text);
      return;
    case "cut_off":
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(text)),
      });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
      return;
    case "wrong_sub":
      sendJson(response, right.status, right.body);
      return;
  }
}

async function drip(response: ServerResponse, text: string): Promise<void> {
  response.writeHead(200, { "content-type": "application/json" });
  for (const character of text) {
    if (response.destroyed) {
      return;
    }
    response.write(character);
    await sleep(DRIP_MS, undefined, { ref: false });
  }
  response.end();
}
