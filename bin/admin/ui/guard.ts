/**
 * Which requests are let in. Any page that is open in the operator's browser can send requests to
 * 127.0.0.1; the browser says where they come from (Fetch Metadata, Origin), and a name that
 * resolves to this machine is in `Host` (DNS rebinding).
 */
import type { IncomingHttpHeaders } from "node:http";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Refusal {
  readonly status: 401 | 403 | 415 | 421;
  readonly message: string;
}

/** Its data; everything else is the page itself, which says nothing. */
const DATA = "/api/";

/** @param origin this server's own, e.g. `http://127.0.0.1:4100` */
export function refusalOf(
  { method, path, headers }: Asked,
  origin: string,
  isKey: (key: string) => boolean,
): Refusal | undefined {
  const { host, origin: from, "sec-fetch-site": site = "same-origin" } = headers;
  if (host !== new URL(origin).host) {
    return { status: 421, message: "not the name of this server" };
  }
  // The operator has opened the address, or a link to it: that shows an empty page.
  const isOpened =
    method === "GET" &&
    !path.startsWith(DATA) &&
    (site === "none" || headers["sec-fetch-mode"] === "navigate");
  if (site !== "same-origin" && !isOpened) {
    return { status: 403, message: "only for the pages of this server" };
  }
  if (from === undefined ? method !== "GET" && method !== "HEAD" : from !== origin) {
    return { status: 403, message: "only for the pages of this server" };
  }
  if (method === "POST" && headers["content-type"] !== "application/json") {
    return { status: 415, message: "JSON only" };
  }
  const key = /^Bearer ([\w-]+)$/.exec(headers.authorization ?? "")?.[1];
  if (path.startsWith(DATA) && (key === undefined || !isKey(key))) {
    return { status: 401, message: "open the address that the command printed" };
  }
  return undefined;
}
