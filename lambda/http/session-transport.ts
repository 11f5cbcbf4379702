/**
 * How a session token travels: as a bearer token (RFC 6750), or in a cookie that no script can
 * read. A stage has one of the two, never both.
 *
 * CSRF: a browser sends a cookie with every request to its host, also from another site's page. So
 * a request with a cookie must also have an allowed `Origin` and a header that only a script of
 * such an origin can set (OWASP Cross-Site Request Forgery Prevention, "Custom Request Headers").
 * Exempt is a plain read: a safe method without a query. A `GET` with a query is not plain, since
 * `fresh=true` makes requests to the provider. Browsers send no `Origin` with a same-origin `GET`
 * (Fetch section 3.2); there the header is enough, unless `Sec-Fetch-Site` names another site.
 */
import { ForbiddenError, UnauthorizedError } from "../errors";
import { CSRF_HEADER } from "../facts";
import type { HttpEvent } from "./event";

/**
 * `__Host-`: set by this host, for this host only, over https only (RFC 6265bis section 4.1.3.2).
 */
const COOKIE_NAME = "__Host-session";
/** Strict is enough: no one follows a link to an API. */
const COOKIE_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict";
/** Fetch Metadata Request Headers section 2.3. */
const SAME_ORIGIN = "same-origin";
const SAFE_METHODS = new Set(["GET", "HEAD"]);

export interface SessionTransport {
  /**
   * The session token of the cookie; undefined where there is none, or the stage uses bearers.
   * @throws UnauthorizedError `malformed_credentials` where there are several
   */
  sessionCookie(event: HttpEvent): string | undefined;
  /** Whether the stage takes session tokens in the Authorization header. */
  readonly isBearer: boolean;
  /**
   * The CSRF check; does nothing where the stage uses bearers.
   * @throws ForbiddenError `cross_site`
   */
  assertNoCsrf(event: HttpEvent): void;
  /** Headers with which this function can call the API in the name of the caller. */
  forwardedCredentials(event: HttpEvent): Readonly<Record<string, string>>;
  /** How the client gets a new token: in the body, or by `Set-Cookie`, and then `token` is null. */
  issue(token: string): { readonly token: string | null; readonly cookies: readonly string[] };
  /** `Set-Cookie` values that remove the cookie: for responses after which the session is over. */
  readonly clearingCookies: readonly string[];
}

export interface SessionTransportSettings {
  readonly transport?: "bearer" | "cookie";
  /** Origins of the stage's frontends; needed for cookies only. */
  readonly origins?: readonly string[];
  readonly absoluteSeconds: number;
}

function asBearer({ headers }: HttpEvent): Readonly<Record<string, string>> {
  return { authorization: headers["authorization"] ?? "" };
}

const BEARER: SessionTransport = {
  sessionCookie: () => undefined,
  isBearer: true,
  assertNoCsrf: () => undefined,
  forwardedCredentials: asBearer,
  issue: (token) => ({ token, cookies: [] }),
  clearingCookies: [],
};

export function createSessionTransport(settings: SessionTransportSettings): SessionTransport {
  const { transport = "bearer", origins = [], absoluteSeconds } = settings;
  if (transport === "bearer") {
    return BEARER;
  }
  return {
    sessionCookie: ({ cookies }) => {
      const values = cookies.flatMap((cookie) =>
        cookie.startsWith(`${COOKIE_NAME}=`) ? [cookie.slice(COOKIE_NAME.length + 1)] : [],
      );
      if (values.length > 1) {
        throw new UnauthorizedError("malformed_credentials");
      }
      return values[0];
    },
    isBearer: false,
    assertNoCsrf: ({ method, headers, query }) => {
      const isSafe = SAFE_METHODS.has(method);
      const isPlainRead = isSafe && query === "";
      const hasHeader = (headers[CSRF_HEADER] ?? "") !== "";
      const isOurOrigin =
        headers["origin"] === undefined
          ? isSafe && (headers["sec-fetch-site"] ?? SAME_ORIGIN) === SAME_ORIGIN
          : origins.includes(headers["origin"]);
      if (!isPlainRead && !(hasHeader && isOurOrigin)) {
        throw new ForbiddenError("cross_site");
      }
    },
    forwardedCredentials: (event) =>
      event.headers["authorization"] === undefined
        ? {
            cookie: event.cookies
              .filter((cookie) => cookie.startsWith(`${COOKIE_NAME}=`))
              .join("; "),
            origin: origins[0] ?? "",
            [CSRF_HEADER]: "1",
          }
        : asBearer(event),
    issue: (token) => ({
      token: null,
      cookies: [
        `${COOKIE_NAME}=${token}; ${COOKIE_ATTRIBUTES}; Max-Age=${String(absoluteSeconds)}`,
      ],
    }),
    clearingCookies: [`${COOKIE_NAME}=; ${COOKIE_ATTRIBUTES}; Max-Age=0`],
  };
}
