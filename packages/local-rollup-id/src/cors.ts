/**
 * Lets the application's own pages read what a demo needs: userinfo, and the tools that break the
 * provider. Whether the real one lets browsers read its userinfo is not known; its other endpoints
 * are no business of a page.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isTool } from "./tester-paths";

/**
 * Fetch standard, "CORS protocol". @returns whether this was a preflight, which is answered then
 */
export function allowPages(
  redirectUris: readonly string[],
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): "answered" | "go on" {
  const { origin } = request.headers;
  const isOpen = path === "/userinfo" || isTool(path);
  if (!isOpen || origin === undefined || !isOfTheApplication(redirectUris, origin)) {
    return "go on";
  }
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("vary", "origin");
  if (request.method !== "OPTIONS") {
    return "go on";
  }
  response.setHeader("access-control-allow-methods", "GET, POST, DELETE");
  response.setHeader("access-control-allow-headers", "authorization, content-type");
  response.writeHead(204).end();
  return "answered";
}

/** `null` identifies no origin: every sandboxed frame and every opaque origin sends it. */
function isOfTheApplication(redirectUris: readonly string[], origin: string): boolean {
  return (
    origin !== "null" &&
    redirectUris.some((uri) => URL.canParse(uri) && new URL(uri).origin === origin)
  );
}
