/** Requests to the API: who speaks, how long, how often. */
import type { Core } from "./core.js";
import { errorOf, notSignedIn, VaultError, vaultError } from "./errors.js";
import { safely } from "./safely.js";
import { pause } from "./waiting.js";

export interface Call {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly content?: object;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** In the place of the session's; null: nobody speaks. */
  readonly bearer?: string | null | undefined;
  /** A member that the answer must have. @default any, of an object */
  readonly has?: string;
}

export interface Api {
  /** Parsed JSON. @param isSafe as below @throws VaultError, or the signal's reason */
  send<T>(call: Call, isSafe?: boolean): Promise<T>;
  /** Once. */
  attempt<T>(call: Call): Promise<T>;
  /**
   * The same piece of work again, as long as the errors say that this may help.
   * @param isSafe it may be done again although it may have been processed
   */
  patiently<T>(work: () => Promise<T>, isSafe: boolean, signal?: AbortSignal): Promise<T>;
}

/** Whatever hangs is ended: other tabs may be waiting for it. */
const TIMEOUT_MS = 20_000;
const FIRST_PAUSE_MS = 250;

export function createApi(core: Core): Api {
  const { retries = 2, maxWait = 5 } = core.retry ?? {};

  async function attempt<T>(call: Call): Promise<T> {
    const session = await core.held.current();
    const isOwn = call.bearer === undefined;
    const bearer = isOwn ? session?.token : call.bearer;
    if (isOwn && !bearer && !core.isCookie) {
      throw notSignedIn();
    }
    try {
      return await ask<T>(core, { ...call, bearer });
    } catch (error) {
      if (isOwn && (error as Partial<VaultError>).code === "invalid_token") {
        await core.held.end(session, "session_ended");
      }
      throw error;
    }
  }

  async function patiently<T>(
    work: () => Promise<T>,
    isSafe: boolean,
    signal?: AbortSignal,
  ): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        const { retryAfter = 0 } = error as Partial<VaultError>;
        if (!mayHelp(error, isSafe) || tries >= retries || retryAfter > maxWait) {
          throw error;
        }
        const least = Math.max(retryAfter * 1000, FIRST_PAUSE_MS * 2 ** tries);
        await pause(least * (1 + core.random() / 2), signal);
      }
    }
  }

  return {
    attempt,
    patiently,
    send: <T>(call: Call, isSafe = call.method === "GET") =>
      patiently<T>(() => attempt<T>(call), isSafe, call.signal),
  };
}

/** With 429 and 503 nothing was done; after any other failure only what is safe is sent again. */
function mayHelp(error: unknown, isSafe: boolean): boolean {
  const isIt = error instanceof VaultError && error.retryable;
  return isIt && (isSafe || /429|503/.test(`${error.status}`));
}

async function ask<T>(
  { url, fetch, isCookie }: Core,
  { method, path, content, headers, signal, has, bearer }: Call,
): Promise<T> {
  const body = content ? JSON.stringify(content) : null;
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
      // What is to end is ended, though the page be left at once.
      keepalive: method === "DELETE",
      signal: limited(signal) ?? null,
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
    throw signal?.aborted ? signal.reason : vaultError(error, "retry", "network");
  }
}

/**
 * Where signals cannot be joined (before 2024, React Native) the platform's own time limit has to
 * do.
 */
function limited(signal: AbortSignal | undefined): AbortSignal | undefined {
  return (
    safely(() => {
      const limit = AbortSignal.timeout(TIMEOUT_MS);
      return signal ? AbortSignal.any([limit, signal]) : limit;
    }) ?? signal
  );
}
