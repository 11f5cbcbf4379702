/** Requests to the API: who speaks, how long, how often. */
import type { Environment } from "./environment.js";
import { errorOf, networkError, notSignedIn, VaultError } from "./errors.js";
import type { HeldSession, Sessions } from "./session.js";
import type { RetryOptions } from "./types.js";
import { pause } from "./waiting.js";

export interface Call {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly json?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** In the place of the session's; null: nobody speaks. */
  readonly bearer?: string | null;
}

export interface Api {
  /** Parsed JSON, or undefined. @throws VaultError, or the signal's reason */
  send<T>(call: Call): Promise<T>;
  /** Once. */
  attempt<T>(call: Call): Promise<T>;
  /**
   * The same piece of work again, as long as the errors say that this may help.
   * @param isSafe it may be done again although it may have been processed
   */
  patiently<T>(work: () => Promise<T>, isSafe: boolean, signal?: AbortSignal): Promise<T>;
}

interface ApiDependencies {
  readonly url: string;
  readonly environment: Pick<Environment, "fetch" | "random">;
  readonly sessions: () => Sessions;
  readonly retry: RetryOptions;
}

/** Whatever hangs is ended: other tabs may be waiting for it. */
const TIMEOUT_MS = 20_000;
const FIRST_PAUSE_MS = 250;

export function createApi(dependencies: ApiDependencies): Api {
  const { retries = 2, maxWait = 5 } = dependencies.retry;

  async function attempt<T>(call: Call): Promise<T> {
    const sessions = dependencies.sessions();
    const session = await sessions.current();
    const isOwn = call.bearer === undefined;
    const bearer = isOwn ? session?.token : call.bearer;
    if (isOwn && !bearer && !sessions.isCookie) {
      throw notSignedIn();
    }
    try {
      return await ask<T>(dependencies, call, { bearer, isCookie: sessions.isCookie });
    } catch (error) {
      if (isOwn && error instanceof VaultError && error.status === 401) {
        await sessions.end(session, "session_ended");
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
        await pause(least * (1 + dependencies.environment.random() / 2), signal);
      }
    }
  }

  return {
    attempt,
    patiently,
    send: <T>(call: Call) =>
      patiently<T>(() => attempt<T>(call), call.method === "GET", call.signal),
  };
}

/** With 503 nothing was done; after any other failure only what is safe is sent again. */
function mayHelp(error: unknown, isSafe: boolean): boolean {
  return error instanceof VaultError && error.retryable && (error.status === 503 || isSafe);
}

async function ask<T>(
  { url, environment }: ApiDependencies,
  { method, path, json, headers, signal }: Call,
  { bearer, isCookie }: { bearer: HeldSession["token"] | null; isCookie: boolean },
): Promise<T> {
  try {
    const response = await environment.fetch(url + path, {
      method,
      headers: {
        ...(json && { "content-type": "application/json" }),
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(isCookie && { "x-rollup-vault": "1" }),
        ...headers,
      },
      ...(json && { body: JSON.stringify(json) }),
      credentials: isCookie ? "include" : "omit",
      cache: "no-store",
      redirect: "error",
      ...limited(signal),
    });
    if (!response.ok) {
      throw await errorOf(response);
    }
    return (response.status === 204 ? undefined : await response.json()) as T;
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof VaultError ? error : networkError(error);
  }
}

/** Where signals cannot be joined (before 2024, React Native) the platform's own time limit has to do. */
function limited(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  const signals: Partial<typeof AbortSignal> = AbortSignal;
  const both = signals.any?.([AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])]);
  return both ? { signal: both } : { ...(signal && { signal }) };
}
