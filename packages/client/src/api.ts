/** Requests to the API: credentials, time limit, retries. */
import type { Core } from "./core.js";
import { errorOf, notSignedIn, type VaultError, vaultError } from "./errors.js";
import { safely } from "./safely.js";
import { pause } from "./waiting.js";

export interface Call {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly content?: object;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Instead of the session token; null sends none. */
  readonly bearer?: string | null | undefined;
  /** A member that the answer must have. @default any object will do */
  readonly has?: string;
}

export interface Api {
  /**
   * @param isSafe see `withRetries`
   * @returns parsed JSON
   * @throws VaultError; to whom the signal belongs, the caller's guard gives its reason
   */
  send<T>(call: Call, isSafe?: boolean): Promise<T>;
  /** One attempt without retries. */
  attempt<T>(call: Call): Promise<T>;
  /**
   * Repeats the work while its errors are retryable.
   * @param isSafe may be repeated even if the API has processed it
   */
  withRetries<T>(work: () => Promise<T>, isSafe: boolean, signal?: AbortSignal): Promise<T>;
}

/** Ends a request that hangs, for other tabs may wait for it. */
const TIMEOUT_MS = 20_000;
const FIRST_PAUSE_MS = 250;

export function createApi(core: Core): Api {
  const { retries = 2, maxWait = 5 } = core.retry ?? {};

  async function attempt<T>(call: Call): Promise<T> {
    const { method, path, content, headers, signal, has, bearer: given } = call;
    const { url, fetch, isCookie, tabSession } = core;
    const session = await tabSession.current();
    const isOwn = given === undefined;
    const bearer = isOwn ? session?.token : given;
    if (isOwn && !bearer && !isCookie) {
      throw notSignedIn();
    }
    const body = JSON.stringify(content) as string | null;
    try {
      const response = await fetch(url + path, {
        method,
        body,
        headers: {
          ...(body && { "content-type": "application/json" }),
          ...(bearer && { authorization: `Bearer ${bearer}` }),
          ...(isCookie && { "x-rollup-vault": "1" }),
          ...headers,
        },
        credentials: isCookie ? "include" : "omit",
        cache: "no-store",
        redirect: "error",
        // A sign-out completes even if the user leaves the page at once.
        keepalive: method === "DELETE",
        signal: limited(signal),
      });
      if (response.ok) {
        const answer: unknown = response.status === 204 ? {} : await response.json();
        const members = Object(answer) as Record<string, unknown>;
        if (members === answer && (!has || members[has])) {
          return answer as T;
        }
      }
      throw await errorOf(response);
    } catch (error) {
      if (isOwn && (error as VaultError | undefined)?.code === "invalid_token") {
        await tabSession.end(session, "session_ended");
      }
      throw vaultError(error, "retry", "network");
    }
  }

  async function withRetries<T>(
    work: () => Promise<T>,
    isSafe: boolean,
    signal?: AbortSignal,
  ): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        const { retryAfter = 0, retryable, status, code } = error as Partial<VaultError>;
        // A 429, and the API's own 503 (`temporarily_unavailable`), mean that nothing was done. A
        // gateway's 503 may come after a function that took too long: its code may be spent.
        const isWorthIt = retryable && (isSafe || /429|tempor/.test(`${status} ${code}`));
        if (!isWorthIt || tries >= retries || retryAfter > maxWait) {
          throw error;
        }
        const least = Math.max(retryAfter * 1000, FIRST_PAUSE_MS * 2 ** tries);
        await pause(least * (1 + core.chance() / 2), signal);
      }
    }
  }

  return {
    attempt,
    withRetries,
    send: <T>(call: Call, isSafe = call.method === "GET") =>
      withRetries<T>(() => attempt<T>(call), isSafe, call.signal),
  };
}

/**
 * Where signals cannot be combined (before 2024, React Native), the platform's own time limit
 * applies.
 */
function limited(signal: AbortSignal | undefined): AbortSignal | undefined {
  return (
    safely(() => {
      const limit = AbortSignal.timeout(TIMEOUT_MS);
      return signal ? AbortSignal.any([limit, signal]) : limit;
    }) ?? signal
  );
}
