/**
 * Serves the Lambda Runtime API (2018-06-01) to the one process of one function instance.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Invocation {
  readonly requestId: string;
  /** JSON. */
  readonly payload: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
}

/** What the process said about the invocation: its answer as JSON, or that there is none. */
export type RuntimeReport =
  { readonly answer: string } | { readonly failure: "failed" | "init_failed" };

export interface RuntimeApi {
  /** `host:port`, the value of `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /**
   * Waits for the process to ask for work, hands it over, calls `started`, and waits for its
   * report.
   */
  run(invocation: Invocation, started: () => void): Promise<RuntimeReport>;
  /**
   * Resolves once the process asks for work: only then is it known to have survived the last
   * event.
   */
  asking(): Promise<void>;
  close(): void;
}

interface Job {
  readonly invocation: Invocation;
  readonly started: () => void;
  readonly settle: (report: RuntimeReport) => void;
}

interface State {
  /** The `next` call that the process waits in. */
  poll?: ServerResponse;
  waiting?: Job;
  running?: Job;
  onPoll?: () => void;
}

const PREFIX = "/2018-06-01/runtime/";

export async function createRuntimeApi(): Promise<RuntimeApi> {
  const state: State = {};
  const server = createServer((request, response) => {
    void serve(state, request, response).catch(() => response.destroy());
  });
  await listen(server);
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    run: (invocation, started) =>
      new Promise((settle) => {
        state.waiting = { invocation, started, settle };
        handOver(state);
      }),
    asking: () =>
      new Promise((resolve) => {
        state.onPoll = resolve;
        if (state.poll !== undefined) {
          resolve();
        }
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server): Promise<void> {
  // An instance may be idle or busy for longer than any default of node's.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse) {
  const path = request.url ?? "";
  if (request.method === "GET" && path === `${PREFIX}invocation/next`) {
    state.poll = response;
    state.onPoll?.();
    handOver(state);
    return;
  }
  const body = await readAll(request);
  if (request.method === "POST" && report(state, path, body)) {
    answer(response, 202, { status: "OK" });
  } else {
    answer(response, 400, {
      errorType: "InvalidRequestID",
      errorMessage: "not an open invocation",
    });
  }
}

function handOver(state: State): void {
  const { poll, waiting } = state;
  if (poll === undefined || waiting === undefined) {
    return;
  }
  state.running = waiting;
  delete state.poll;
  delete state.waiting;
  const { requestId, functionArn, timeoutMs, payload } = waiting.invocation;
  waiting.started();
  poll.writeHead(200, {
    "content-type": "application/json",
    "lambda-runtime-aws-request-id": requestId,
    "lambda-runtime-deadline-ms": String(Date.now() + timeoutMs),
    "lambda-runtime-invoked-function-arn": functionArn,
  });
  poll.end(payload);
}

/** @returns whether the report belongs to something that is open. */
function report(state: State, path: string, body: string): boolean {
  if (path === `${PREFIX}init/error`) {
    (state.running ?? state.waiting)?.settle({ failure: "init_failed" });
    return true;
  }
  const [, requestId, kind] = /\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
  const job = state.running;
  if (job?.invocation.requestId !== requestId || requestId === undefined) {
    return false;
  }
  delete state.running;
  job?.settle(kind === "response" ? { answer: body } : { failure: "failed" });
  return true;
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
