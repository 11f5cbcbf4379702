/** Requests over https, to the provider and to this product's own API. */

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For everything, from connecting to the last byte. */
  readonly timeoutMs: number;
  /** Of the body, decoded. */
  readonly maxBytes: number;
  /** An answer that breaks off in its body is an answer, too. @default false: it is a failure */
  readonly acceptsTruncated?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without its content codings (RFC 9110 section 8.4) and without a byte order mark. */
  readonly body: Uint8Array;
  /** The body broke off, at a limit or with the connection: only where the request takes that. */
  readonly truncatedBy?: HttpLimit | "connection";
}

export type HttpLimit = "time" | "size";

/** Nothing was sent (`sent: false`), or it is unknown what became of it. */
export class HttpFailure extends Error {
  readonly sent: boolean;
  /** The limit of the request that ended it, if one did. */
  declare readonly limit?: HttpLimit;

  constructor(sent: boolean, limit?: HttpLimit) {
    super(sent ? "no usable answer" : "not sent");
    this.name = "HttpFailure";
    this.sent = sent;
    if (limit !== undefined) {
      this.limit = limit;
    }
  }
}

/** Whether the request ran into its time limit: then a setting of the stage may be too short. */
export function isTimeout(error: unknown): boolean {
  return error instanceof HttpFailure && error.limit === "time";
}

/** https only (plain http on loopback), no redirects, a deadline, a cap. @throws HttpFailure */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse>;
}
