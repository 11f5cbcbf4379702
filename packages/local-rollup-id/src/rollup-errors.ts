/** Errors as Rollup ID tells them: `{code,message,name,traceparent}`, never RFC 6749's `error`. */
import { randomBytes } from "node:crypto";

export interface JsonAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const STATUS = { BAD_REQUEST: 400, UNAUTHORIZED: 401 } as const;

export class RollupError extends Error {
  readonly code: keyof typeof STATUS;

  constructor(code: keyof typeof STATUS, message: string) {
    super(message);
    this.name = "RollupError";
    this.code = code;
  }
}

/** A field is missing: the real one's validation says no more than that. */
export class DataError extends Error {}

/** Anything that is not a RollupError comes out as a bare 500. */
export function answerToError(error: unknown): JsonAnswer {
  if (error instanceof RollupError) {
    const { code, message, name } = error;
    const body = { code, message, name, traceparent: traceparent() };
    // What Remix adds to a response that was thrown.
    return { status: STATUS[code], body, headers: { "x-remix-catch": "yes" } };
  }
  const message = error instanceof DataError ? "data error" : "unknown error";
  return { status: 500, body: { message, traceparent: traceparent() } };
}

/**
 * The same in the words of RFC 6749 section 5.2, for a fault configuration that imitates another
 * provider.
 */
export function oauthAnswerToError(error: unknown): JsonAnswer {
  if (!(error instanceof RollupError)) {
    return answerToError(error);
  }
  return error.message === "invalid client credentials"
    ? { status: 401, body: { error: "invalid_client" } }
    : { status: 400, body: { error: "invalid_grant" } };
}

function traceparent(): string {
  return `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`;
}
