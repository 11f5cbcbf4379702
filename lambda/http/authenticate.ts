/** Who is calling: exactly one Authorization header, scheme Bearer; nothing else in a request is a credential (S19). */
import { UnauthorizedError } from "../errors";
import { evidenceOf, type Caller } from "../model";
import type { IdTokenVerifier, SessionTokens } from "../ports";
import type { HttpEvent } from "./event";

/** @throws UnauthorizedError, UnavailableError */
export type Authenticate = (event: HttpEvent) => Promise<Caller>;

export interface Credentials {
  readonly verifier: IdTokenVerifier;
  /** Absent where nobody has sessions. */
  readonly sessions?: {
    readonly tokens: Pick<SessionTokens, "isSessionToken">;
    readonly resolve: (token: string) => Promise<Caller>;
  };
}

/** RFC 6750 section 2.1. API Gateway joins two headers by a comma, which is not in the token's alphabet. */
const BEARER = /^bearer ([A-Za-z0-9\-._~+/]+=*)$/i;

/** A session token says by its prefix what it is, so it is never tried as an ID token, and the other way round. */
export function createAuthenticate({ verifier, sessions }: Credentials): Authenticate {
  return async ({ headers }) => {
    const header = headers["authorization"];
    if (header === undefined) {
      throw new UnauthorizedError("missing_credentials");
    }
    const token = BEARER.exec(header)?.[1];
    if (token === undefined) {
      throw new UnauthorizedError("malformed_credentials");
    }
    if (sessions?.tokens.isSessionToken(token) === true) {
      return await sessions.resolve(token);
    }
    const idToken = await verifier.verify(token);
    return { kind: "id_token", sub: idToken.sub, evidence: evidenceOf(idToken), idToken };
  };
}
