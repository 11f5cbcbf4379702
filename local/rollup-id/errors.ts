/** Errors as Rollup ID tells them: `{code,message,name,traceparent}`, never RFC 6749's `error`. */
import { randomBytes } from "node:crypto";

const STATUS = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  NOT_FOUND: 404,
  INTERNAL_SERVER_ERROR: 500,
} as const;

export class RollupError extends Error {
  readonly code: keyof typeof STATUS;
  readonly status: number;

  constructor(code: keyof typeof STATUS, message: string) {
    super(message);
    this.name = "RollupError";
    this.code = code;
    this.status = STATUS[code];
  }

  body(): Record<string, string> {
    const { code, message, name } = this;
    return { code, message, name, traceparent: traceparent() };
  }
}

/** Anything that is not a RollupError comes out as a bare 500. */
export function unknownErrorBody(message: "unknown error" | "data error"): Record<string, string> {
  return { message, traceparent: traceparent() };
}

function traceparent(): string {
  return `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`;
}
