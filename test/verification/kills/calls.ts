/** The API as a caller sees it. */
import type { SignedIn } from "./providers/provider";

export interface Answer {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  readonly reason: string | undefined;
  readonly accessToken: string | undefined;
}

export interface Calls {
  /** Stores the refresh token. */
  connect(user: SignedIn): Promise<void>;
  /** An access token, as an application requests it. */
  token(user: SignedIn): Promise<Answer>;
  /** A new access token: not one from before the call. */
  freshToken(user: SignedIn, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** Longer than the API ever takes: a request without an answer by then hangs. */
const PATIENCE_MS = 35_000;
/** Longer than the lifetime of any token here. */
const MIN_VALIDITY_SECONDS = 86_400;

export function createCalls(apiUrl: string): Calls {
  const send = async (request: {
    readonly method: string;
    readonly path: string;
    readonly bearer: string;
    readonly body: object;
    readonly headers?: Readonly<Record<string, string>>;
  }): Promise<Answer> => {
    const response = await fetch(`${apiUrl}${request.path}`, {
      method: request.method,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${request.bearer}`,
        ...request.headers,
      },
      body: JSON.stringify(request.body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = (await response.json()) as Record<string, unknown>;
    const retryAfter = response.headers.get("retry-after");
    return {
      status: response.status,
      retryAfterSeconds: retryAfter === null ? undefined : Number(retryAfter),
      reason: asText(body["reason"]),
      accessToken: asText(body["access_token"]),
    };
  };
  const target = { method: "POST", path: "/me/access-token" };
  return {
    connect: async ({ idToken, refreshToken }) => {
      const body = { refresh_token: refreshToken };
      const put = { method: "PUT", path: "/me/refresh-token", bearer: idToken };
      const { status } = await send({ ...put, body });
      if (status !== 200) {
        throw new Error(`PUT /me/refresh-token answers ${status}`);
      }
    },
    token: async ({ idToken }) => await send({ ...target, bearer: idToken, body: {} }),
    freshToken: async ({ idToken }, headers = {}) => {
      const body = { min_validity: MIN_VALIDITY_SECONDS };
      return await send({ ...target, bearer: idToken, body, headers });
    },
  };
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
