/**
 * How a session's token travels: as a bearer (RFC 6750), or in a cookie that no script can read. A
 * stage has one of the two, never both.
 *
 * A cookie is sent by the browser on anybody's behalf. So with it all but a plain read (a safe
 * method without a query) also needs an `Origin` of the stage and a header that only a script of
 * such an origin can set (OWASP Cross-Site Request Forgery Prevention, "custom request headers"). A
 * `GET` with a query asks for more than what is stored: `fresh=true` makes requests to the
 * provider. Browsers send no `Origin` with a same-origin `GET` (Fetch section 3.2); there the
 * header is enough, unless `Sec-Fetch-Site` says that the page was another one's.
 */
import { CSRF_HEADER } from "../facts";
import { ForbiddenError, UnauthorizedError } from "../errors";
import type { HttpEvent } from "./event";

/**
 * `__Host-`: set by this very host, for this host alone, over https alone (RFC 6265bis section
 * 4.1.3.2).
 */
const COOKIE_NAME = "__Host-session";
/** Strict: this is an API, nobody gets here by following a link. */
const COOKIE_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict";
/** Fetch Metadata Request Headers section 2.3. */
const SAME_ORIGIN = "same-origin";
const SAFE_METHODS = new Set(["GET", "HEAD"]);

export interface SessionTransport {
  /**
   * The session token that the browser sent by itself; undefined where there is none, or where
   * cookies are not for this stage.
   * @throws UnauthorizedError `malformed_credentials` where there are several
   */
  sessionCookie(event: HttpEvent): string | undefined;
  /** Whether a session token may be in the Authorization header. */
  readonly isBearer: boolean;
  /**
   * @throws ForbiddenError `cross_site` where a request that does more than read may come from
   * another site's page
   */
  assertNoCsrf(event: HttpEvent): void;
  /** Headers by which a request of ours speaks for the caller of this one. */
  forwardedCredentials(event: HttpEvent): Readonly<Record<string, string>>;
  /** What an answer has to hold so that the caller gets the token. */
  issue(token: string): { readonly token: string | null; readonly cookies: readonly string[] };
  /** Cookies of an answer after which there is no session any more. */
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
