/**
 * Hands a request on as it came, to an engine on loopback or to an endpoint that the owner chose.
 */
import { Agent, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { WireAnswer, WireRequest } from "./json-protocol";

/** What a service looks at; everything else belongs to the connection. */
const HEADERS = [
  "authorization",
  "content-type",
  "x-amz-target",
  "x-amz-date",
  "x-amz-security-token",
];
const ANSWER_HEADERS = ["content-type", "x-amzn-requestid", "x-amz-crc32", "x-amzn-errortype"];

export interface Forward {
  (request: WireRequest): Promise<WireAnswer>;
  close(): void;
}

/**
 * @param keepAlive only for a server that never closes an idle connection by itself: else a request
 *   may meet a connection that is just being closed, and it would be unknown whether the server
 *   processed it.
 */
export function createForward(endpoint: string, keepAlive: boolean): Forward {
  const url = new URL(endpoint);
  const agent = keepAlive ? new Agent({ keepAlive: true }) : undefined;
  const forward = async (request: WireRequest) => await send(url, agent, request);
  return Object.assign(forward, {
    close: () => {
      agent?.destroy();
    },
  });
}

async function send(url: URL, agent: Agent | undefined, request: WireRequest): Promise<WireAnswer> {
  const options = {
    method: "POST",
    headers: { ...pick(request.headers, HEADERS), "content-length": request.body.length },
    ...(agent && { agent }),
  };
  const open = url.protocol === "https:" ? httpsRequest : httpRequest;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    open(url, options, resolve).once("error", reject).end(request.body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return {
    status: answer.statusCode ?? 500,
    headers: pick(answer.headers, ANSWER_HEADERS),
    body: Buffer.concat(chunks),
  };
}

function pick(
  headers: NodeJS.Dict<string | string[]>,
  names: readonly string[],
): Record<string, string> {
  const found = names.map((name): [string, unknown] => [name, headers[name]]);
  return Object.fromEntries(
    found.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
