/** HTTP requests to the identity provider and to this product's own API. */

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for the whole request, from connecting to the last byte. */
  readonly timeoutMs: number;
  /** The largest body, in bytes after decoding. */
  readonly maxBytes: number;
  /**
   * A response whose body breaks off is returned, with `truncatedBy`.
   * @default false: it is a failure
   */
  readonly acceptsTruncated?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, decoded (RFC 9110 section 8.4) and without a byte order mark. */
  readonly body: Uint8Array;
  /** Why the body broke off; only with `acceptsTruncated`. */
  readonly truncatedBy?: HttpLimit | "connection";
}

export type HttpLimit = "time" | "size";

/**
 * A request without a usable response. `sent: false`: no byte has left, so the server cannot have
 * acted on it; `true`: it may have.
 */
export class HttpFailure extends Error {
  readonly sent: boolean;
  /** The request's own limit that ended it, if one did. */
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

/** Whether the request ran into its time limit: a setting of the stage may be too short. */
export function isTimeout(error: unknown): boolean {
  return error instanceof HttpFailure && error.limit === "time";
}

/**
 * Sends one request: https only (plain http to loopback hosts), no redirects, one deadline, a cap
 * on the size.
 * @throws HttpFailure
 */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse>;
}
