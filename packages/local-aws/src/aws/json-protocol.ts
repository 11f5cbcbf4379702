/** The AWS JSON protocol: a POST with `X-Amz-Target`, JSON in, JSON out, errors by name. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { AwsError, type CallSubject, type Input, type ServiceName } from "./call";

const MAX_BODY_BYTES = 16 * 1024 * 1024;

export type { Input };

export interface WireRequest {
  readonly action: string;
  readonly input: Input;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
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
  /**
   * The permissions that the call needs, all of them; never throws. The first one stands for the
   * call in the count.
   */
  describe(action: string, input: Input): readonly [CallSubject, ...CallSubject[]];
  /** @throws AwsError */
  handle(request: WireRequest): Promise<WireAnswer>;
}

export function readAction(request: IncomingMessage, service: Service): string {
  const [target, action, ...rest] = String(request.headers["x-amz-target"]).split(".");
  const wellFormed = rest.length === 0 && /^[A-Z][A-Za-z]{1,63}$/.test(action ?? "");
  if (request.method !== "POST" || target !== service.target || !wellFormed) {
    throw new AwsError("UnknownOperationException", "The operation is not known");
  }
  return action ?? "";
}

export function parseInput(body: Buffer): Input {
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

export async function readBody(request: IncomingMessage): Promise<Buffer> {
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

/** Of an object's own. */
export function member(value: unknown, name: string): unknown {
  const members = inputIn(value);
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

/** Of what is no object: none. */
export function inputIn(value: unknown): Input {
  return typeof value === "object" && value !== null ? (value as Input) : {};
}

export function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function jsonAnswer(service: Pick<Service, "json">, value: unknown): WireAnswer {
  const headers = { "content-type": `application/x-amz-json-${service.json}` };
  return { status: 200, headers, body: JSON.stringify(value) };
}

export function errorAnswer(service: Service, error: unknown): WireAnswer {
  const known = error instanceof AwsError ? error : undefined;
  const name = known?.name ?? "InternalServerError";
  const value = { __type: name, message: known?.message ?? "The request could not be processed" };
  return { ...jsonAnswer(service, value), status: known?.status ?? 500 };
}
