/**
 * The front door of every local service: who calls what, whether that is permitted, and the count of it.
 * It listens on 127.0.0.1 only and knows nothing of what a service does.
 */
import { randomUUID } from "node:crypto";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import {
  LOCAL_ACCOUNT,
  AwsError,
  type Authorize,
  type AwsCall,
  type CallSubject,
  type ServiceName,
} from "./call";
import { readAccessKeyId } from "./sigv4";

export type Input = Readonly<Record<string, unknown>>;

export interface WireRequest {
  readonly action: string;
  readonly input: Input;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface Service {
  readonly name: ServiceName;
  /** What stands before the dot in `X-Amz-Target`. */
  readonly target: string;
  /** Version of the AWS JSON protocol. */
  readonly json: "1.0" | "1.1";
  /** The permissions that the call needs, all of them; never throws. The first one stands for the call in the count. */
  describe(action: string, input: Input): readonly [CallSubject, ...CallSubject[]];
  /** @throws AwsError */
  handle(request: WireRequest): Promise<WireAnswer>;
}

export interface FrontDoorOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly authorize?: Authorize | undefined;
  /** Told of every well-formed call, the denied ones too, before it has any effect. May delay or fail it. */
  readonly onCall?: ((call: AwsCall) => unknown) | undefined;
  /** Calls with this access key id are the local run's own: neither judged nor counted. */
  readonly adminAccessKeyId: string;
}

export interface FrontDoor {
  readonly endpoint: string;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** How long calls under way may still take once the door closes. */
const CLOSE_GRACE_MS = 300;

export async function createFrontDoor(
  service: Service,
  options: FrontDoorOptions,
): Promise<FrontDoor> {
  const server = createServer((request, response) => {
    void admit(service, options, request)
      .catch((error: unknown) => errorAnswer(service, error))
      .then((answer) => {
        send(response, answer);
      });
  });
  // A keep-alive time-out would race with a client that is just reusing the connection.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, close: async () => { await closeServer(server); } };
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
  request: IncomingMessage,
): Promise<WireAnswer> {
  const body = await readBody(request);
  const accessKeyId = readAccessKeyId(request.headers, service.name);
  const action = readAction(request, service);
  const input = parseInput(body);
  if (accessKeyId !== options.adminAccessKeyId) {
    await judge(service, options, { accessKeyId, action, input });
  }
  return await service.handle({ action, input, headers: request.headers, body });
}

async function judge(
  service: Service,
  { authorize, onCall }: FrontDoorOptions,
  call: { accessKeyId: string; action: string; input: Input },
): Promise<void> {
  const [first, ...others] = service.describe(call.action, call.input);
  const caller = { accessKeyId: call.accessKeyId, service: service.name };
  await onCall?.({ ...first, action: call.action, ...caller });
  for (const subject of [first, ...others]) {
    if (authorize !== undefined && !authorize({ ...subject, ...caller })) {
      throw new AwsError("AccessDeniedException", denial({ ...subject, ...caller }));
    }
  }
}

function denial(call: AwsCall): string {
  const user = `arn:aws:iam::${LOCAL_ACCOUNT}:user/${call.accessKeyId}`;
  return `User: ${user} is not authorized to perform: ${call.service}:${call.action} on resource: ${call.resource ?? "*"}`;
}

function readAction(request: IncomingMessage, service: Service): string {
  const [target, action, ...rest] = String(request.headers["x-amz-target"]).split(".");
  const wellFormed = rest.length === 0 && /^[A-Z][A-Za-z]{1,63}$/.test(action ?? "");
  if (request.method !== "POST" || target !== service.target || !wellFormed) {
    throw new AwsError("UnknownOperationException", "The operation is not known");
  }
  return action ?? "";
}

function parseInput(body: Buffer): Input {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Input;
    }
  } catch {
    // Answered below, as a body that is JSON but no object.
  }
  throw new AwsError("SerializationException", "The body is not a JSON object");
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      throw new AwsError("RequestEntityTooLargeException", "The body is too large", 413);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function jsonAnswer(service: Pick<Service, "json">, value: unknown): WireAnswer {
  const headers = { "content-type": `application/x-amz-json-${service.json}` };
  return { status: 200, headers, body: JSON.stringify(value) };
}

function errorAnswer(service: Service, error: unknown): WireAnswer {
  const known = error instanceof AwsError ? error : undefined;
  const name = known?.name ?? "InternalServerError";
  const value = { __type: name, message: known?.message ?? "The request could not be processed" };
  return { ...jsonAnswer(service, value), status: known?.status ?? 500 };
}

function send(response: ServerResponse, answer: WireAnswer): void {
  const length = String(Buffer.byteLength(answer.body));
  const id = { "x-amzn-requestid": randomUUID(), ...answer.headers, "content-length": length };
  response.writeHead(answer.status, id).end(answer.body);
}
