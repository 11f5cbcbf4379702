/**
 * The front door of every local service: who calls what, whether that is permitted, and the count
 * of it. It listens on 127.0.0.1 only and knows nothing of what a service does.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Authorize,
  type AwsCall,
  AwsError,
  LOCAL_ACCOUNT,
  LOSE_ANSWER,
  type OnCall,
} from "./call";
import {
  errorAnswer,
  type Input,
  parseInput,
  readAction,
  readBody,
  type Service,
  type WireAnswer,
} from "./json-protocol";
import { readAccessKeyId } from "./sigv4-header";

export interface FrontDoorOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly authorize?: Authorize;
  readonly onCall?: OnCall;
  /** Calls with this access key id are the local run's own: neither judged nor counted. */
  readonly adminAccessKeyId: string;
}

export interface FrontDoor {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** How long calls under way may still take once the door closes. */
const CLOSE_GRACE_MS = 300;

export async function createFrontDoor(
  service: Service,
  options: FrontDoorOptions,
): Promise<FrontDoor> {
  const server = createServer((request, response) => {
    const gone = new AbortController();
    response.once("close", () => {
      gone.abort();
    });
    void admit(service, options, { request, signal: gone.signal })
      .catch((error: unknown) => errorAnswer(service, error))
      .then((answer) => {
        if (answer === LOSE_ANSWER) {
          response.destroy();
        } else {
          send(response, answer);
        }
      });
  });
  // A keep-alive time-out would race with a client that is just reusing the connection.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: async () => {
      await closeServer(server);
    },
  };
}

export async function closeServer(server: Server): Promise<void> {
  const patience = setTimeout(() => {
    server.closeAllConnections();
  }, CLOSE_GRACE_MS);
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
  clearTimeout(patience);
}

async function admit(
  service: Service,
  options: FrontDoorOptions,
  { request, signal }: { readonly request: IncomingMessage; readonly signal: AbortSignal },
): Promise<WireAnswer | typeof LOSE_ANSWER> {
  const body = await readBody(request);
  const accessKeyId = readAccessKeyId(request.headers, service.name);
  const action = readAction(request, service);
  const input = parseInput(body);
  const wish =
    accessKeyId === options.adminAccessKeyId
      ? undefined
      : await judge(service, options, { accessKeyId, action, input });
  const answer = await service.handle({ action, input, headers: request.headers, body, signal });
  return wish === LOSE_ANSWER ? LOSE_ANSWER : answer;
}

/** @returns what `onCall` wishes for the call. @throws AwsError AccessDeniedException */
async function judge(
  service: Service,
  { authorize, onCall }: FrontDoorOptions,
  call: { accessKeyId: string; action: string; input: Input },
): Promise<unknown> {
  const subjects = service.describe(call.action, call.input);
  const caller = { accessKeyId: call.accessKeyId, service: service.name };
  const wish = await onCall?.({ ...subjects[0], action: call.action, ...caller }, call.input);
  for (const subject of subjects) {
    if (authorize !== undefined && !authorize({ ...subject, ...caller })) {
      throw new AwsError("AccessDeniedException", denial({ ...subject, ...caller }));
    }
  }
  return wish;
}

function denial(call: AwsCall): string {
  const user = `arn:aws:iam::${LOCAL_ACCOUNT}:user/${call.accessKeyId}`;
  return `User: ${user} is not authorized to perform: ${call.service}:${call.action} on resource: ${call.resource ?? "*"}`;
}

function send(response: ServerResponse, answer: WireAnswer): void {
  const length = String(Buffer.byteLength(answer.body));
  const id = { "x-amzn-requestid": randomUUID(), ...answer.headers, "content-length": length };
  response.writeHead(answer.status, id).end(answer.body);
}
