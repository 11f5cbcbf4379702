/**
 * Reports which requests come and how they end: method, path and status, never contents.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ICON_PATH, isTool } from "./tester-paths";

export interface ObservedRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  /** Without its query, which may hold a code. */
  readonly path: string;
  /**
   * https://www.w3.org/TR/fetch-metadata/: browsers say how they came to send a request, servers
   * don't.
   */
  readonly byBrowser: boolean;
  /** Undefined while it runs, null where the connection was closed instead of an answer. */
  status?: number | null;
  durationMs?: number;
}

export function observe(
  tell: ((request: ObservedRequest) => void) | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const path = request.url?.split("?")[0] ?? "";
  const isNothing = isTool(path) || path === ICON_PATH || request.method === "OPTIONS";
  if (tell === undefined || isNothing) {
    return;
  }
  const startedAt = performance.now();
  const byBrowser = request.headers["sec-fetch-mode"] !== undefined;
  const observed: ObservedRequest = {
    at: Date.now(),
    method: request.method ?? "",
    path,
    byBrowser,
  };
  tell(observed);
  response.once("close", () => {
    observed.status = response.writableFinished ? response.statusCode : null;
    observed.durationMs = Math.round(performance.now() - startedAt);
  });
}
