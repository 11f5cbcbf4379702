/** Any JWT of this deployment's provider: grammar → claims → key → signature, cheapest first. */
import type { IdpSettings } from "../env";
import type { Clock, IdpProfile } from "../ports";
import { checkCommonClaims, type Expectations } from "./claim-checks";
import { readUnverifiedJwt } from "./jwt-grammar";
import type { KeySet } from "./key-set";
import { createSignatureCheck } from "./signature";

export interface VerifierOptions {
  readonly settings: IdpSettings;
  readonly profile: IdpProfile;
  readonly keySet: KeySet;
  readonly clock: Clock;
}

export interface VerifiedJwt<T> {
  readonly sub: string;
  /** Epoch seconds. */
  readonly iat: number;
  readonly payload: Readonly<Record<string, unknown>>;
  /** What `checkKind` made of it. */
  readonly kind: T;
}

/** Says what a token of this kind must have, or throws UnauthorizedError. */
export type CheckKind<T> = (
  payload: Readonly<Record<string, unknown>>,
  iat: number,
  expected: Expectations,
) => T;

/** What did not come in a header is no larger than the answer or the body that it came in. */
const MAX_ANSWER_BYTES = 65_536;

/** @throws UnauthorizedError; UnavailableError `key_set_unavailable` */
export function createJwtVerifier<T>(options: VerifierOptions, checkKind: CheckKind<T>) {
  const { settings, profile, keySet, clock } = options;
  const { issuer, clientId, jwksUri } = settings;
  const policy = profile.idToken;
  const checkSignature = createSignatureCheck({ issuer, clientId, jwksUri, policy });

  return async (token: string, isBearer: boolean): Promise<VerifiedJwt<T>> => {
    const maxBytes = isBearer ? policy.maxBytes : MAX_ANSWER_BYTES;
    const jwt = readUnverifiedJwt(token, { ...policy, maxBytes });
    const expected = { issuer, clientId, policy, now: clock.now(), isBearer };
    const { sub, iat } = checkCommonClaims(jwt.payload, expected);
    const kind = checkKind(jwt.payload, iat, expected);
    checkSignature(token, jwt, await keySet.holding(jwt.header.kid));
    return { sub, iat, payload: jwt.payload, kind };
  };
}
