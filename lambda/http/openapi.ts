/**
 * The contract as it is served: the same bytes until the next deployment, and no secret in them, so
 * caches may keep it for a while.
 */
import type { RouteResult } from "./endpoint";
import type { HttpEvent } from "./event";
import { OPENAPI_ETAG, OPENAPI_TEXT } from "./openapi-text";

const HEADERS = { etag: OPENAPI_ETAG, "cache-control": "public, max-age=300" };

/** RFC 9110 section 13.1.2; API Gateway joins several headers by a comma. */
export function sendOpenapi({ event }: { readonly event: HttpEvent }): RouteResult {
  const known = (event.headers["if-none-match"] ?? "").split(",").map((tag) => tag.trim());
  return known.includes(OPENAPI_ETAG) || known.includes(`W/${OPENAPI_ETAG}`) || known.includes("*")
    ? { status: 304, headers: HEADERS }
    : { status: 200, text: OPENAPI_TEXT, headers: HEADERS };
}
