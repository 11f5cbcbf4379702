/**
 * Authentication of users: exactly one Authorization header with scheme Bearer, or a session cookie
 * where the stage has them. Nothing else in a request is a credential (S19). Where a request has
 * both, the header counts.
 */
import { UnauthorizedError } from "../errors";
import { type Caller, evidenceOf } from "../model";
import type { IdTokenVerifier, SessionTokens } from "../ports/tokens";
import type { HttpEvent } from "./event";
import type { SessionTransport } from "./session-transport";

/** @throws UnauthorizedError, UnavailableError, ForbiddenError `cross_site` */
export type Authenticate = (event: HttpEvent) => Promise<Caller>;

export interface SessionCredentials {
  readonly tokens: Pick<SessionTokens, "isSessionToken">;
  readonly resolve: (token: string) => Promise<Caller>;
  readonly transport: SessionTransport;
}

export interface Credentials {
  readonly verifier: IdTokenVerifier;
  /** Absent: ID tokens only. */
  readonly sessions?: SessionCredentials;
}

/**
 * RFC 6750 section 2.1. API Gateway joins two headers by a comma, which is not in the token's
 * alphabet.
 */
const BEARER = /^bearer ([A-Za-z0-9\-._~+/]+=*)$/i;

function bearerIn({ headers }: HttpEvent): string | undefined {
  const header = headers["authorization"];
  const token = BEARER.exec(header ?? "")?.[1];
  if (header !== undefined && token === undefined) {
    throw new UnauthorizedError("malformed_credentials");
  }
  return token;
}

/**
 * A session token is recognised by its prefix, so it is never tried as an ID token, nor an ID token
 * as a session.
 */
export function createAuthenticate({ verifier, sessions }: Credentials): Authenticate {
  return async (event) => {
    const token = sessions && sessionTokenIn(sessions, event);
    if (sessions !== undefined && token !== undefined) {
      return await sessions.resolve(token);
    }
    const bearer = bearerIn(event);
    if (bearer === undefined) {
      throw new UnauthorizedError("missing_credentials");
    }
    const idToken = await verifier.verify(bearer);
    return { kind: "id_token", sub: idToken.sub, evidence: evidenceOf(idToken), idToken };
  };
}

/**
 * The session token of a request; undefined where it presents none.
 * @throws UnauthorizedError `wrong_transport` where it comes in the header and the stage uses
 * cookies; ForbiddenError `cross_site`
 */
export function sessionTokenIn(
  { tokens, transport }: Pick<SessionCredentials, "tokens" | "transport">,
  event: HttpEvent,
): string | undefined {
  const bearer = bearerIn(event);
  if (bearer === undefined) {
    const cookie = transport.sessionCookie(event);
    if (cookie !== undefined) {
      transport.assertNoCsrf(event);
    }
    return cookie;
  }
  if (!tokens.isSessionToken(bearer)) {
    return undefined;
  }
  if (!transport.isBearer) {
    throw new UnauthorizedError("wrong_transport");
  }
  return bearer;
}
