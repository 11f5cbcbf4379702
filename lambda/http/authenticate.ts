/** Who is calling: exactly one Authorization header, scheme Bearer; nothing else in a request is a credential (S19). */
import { UnauthorizedError } from "../errors";
import type { VerifiedIdToken } from "../model";
import type { IdTokenVerifier } from "../ports";
import type { HttpEvent } from "./event";

export interface Caller {
  readonly sub: string;
  readonly idToken: VerifiedIdToken;
}

/** @throws UnauthorizedError, UnavailableError */
export type Authenticate = (event: HttpEvent) => Promise<Caller>;

/** RFC 6750 section 2.1. API Gateway joins two headers by a comma, which is not in the token's alphabet. */
const BEARER = /^bearer ([A-Za-z0-9\-._~+/]+=*)$/i;

export function createAuthenticate(verifier: IdTokenVerifier): Authenticate {
  return async ({ headers }) => {
    const header = headers["authorization"];
    if (header === undefined) {
      throw new UnauthorizedError("missing_credentials");
    }
    const token = BEARER.exec(header)?.[1];
    if (token === undefined) {
      throw new UnauthorizedError("malformed_credentials");
    }
    const idToken = await verifier.verify(token);
    return { sub: idToken.sub, idToken };
  };
}
