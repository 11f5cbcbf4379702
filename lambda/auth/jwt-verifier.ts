/**
 * Verifies any JWT of this deployment's provider: grammar → claims → key → signature, cheapest
 * first.
 */
import type { IdpSettings } from "../env";
import { UnauthorizedError } from "../errors";
import type { IdentityProfile } from "../ports/profile";
import type { Clock } from "../ports/runtime";
import { checkCommonClaims, type Expectations } from "./claim-checks";
import type { UsableJwk } from "./jwk";
import { readUnverifiedJwt, type UnverifiedJwt } from "./jwt-grammar";
import type { KeyRequest, KeySet } from "./key-set";
import { type CheckSignature, createSignatureCheck } from "./signature";

export interface VerifierOptions {
  readonly settings: IdpSettings;
  readonly identity: IdentityProfile;
  readonly keySet: KeySet;
  readonly clock: Clock;
}

export interface VerifiedJwt<T> {
  readonly sub: string;
  /** Epoch seconds. */
  readonly iat: number;
  readonly jwt: UnverifiedJwt;
  /** The result of `checkKind`. */
  readonly kind: T;
}

/** Checks the claims of one kind of token. @throws UnauthorizedError */
export type CheckKind<T> = (
  payload: Readonly<Record<string, unknown>>,
  iat: number,
  expected: Expectations,
) => T;

/**
 * Where a token comes from. The policy limits the size and the age of a bearer; a token in the body
 * of a request or in a token response may be as large as that body. Only a token response cannot be
 * forged by a caller, so its key may be looked for at once (key-set.ts).
 */
export type TokenSource = "bearer" | "body" | "token_endpoint";

/** Bytes of the token response, or of the request body, that a token came in. */
const MAX_BYTES = 65_536;

/** @throws UnauthorizedError; UnavailableError `key_set_unavailable` */
export function createJwtVerifier<T>(options: VerifierOptions, checkKind: CheckKind<T>) {
  const { settings, identity, keySet, clock } = options;
  const { issuer, acceptedIssuers, clientId } = settings;
  const policy = identity.idToken;
  const checkSignature = createKeyedCheck(keySet, createSignatureCheck({ settings, policy }));

  return async (token: string, source: TokenSource): Promise<VerifiedJwt<T>> => {
    const isBearer = source === "bearer";
    const jwt = readUnverifiedJwt(token, isBearer ? policy : { ...policy, maxBytes: MAX_BYTES });
    const now = clock.now();
    const expected = { issuer, acceptedIssuers, clientId, policy, now, isBearer };
    const { sub, iat } = checkCommonClaims(jwt.payload, expected);
    const kind = checkKind(jwt.payload, iat, expected);
    const isFromTokenEndpoint = source === "token_endpoint";
    await checkSignature(jwt, { ...jwt.header, iat, token, isFromTokenEndpoint });
    return { sub, iat, jwt, kind };
  };
}

/** Checks the signature with the keys that the token asks for. */
function createKeyedCheck(keySet: KeySet, checkSignature: CheckSignature) {
  return async (jwt: UnverifiedJwt, request: KeyRequest): Promise<void> => {
    const keys = await keySet.keysFor(request);
    let failure = failureOf(checkSignature, jwt, keys);
    // Without a `kid`, only the signature shows that the provider has another key by now (S09).
    if (failure?.reason === "invalid_signature" && request.kid === undefined) {
      const newer = await keySet.keysFor(request, keys);
      failure = failureOf(checkSignature, jwt, newer);
    }
    if (failure !== undefined) {
      throw failure;
    }
  };
}

/** Undefined where one of the keys verifies the signature; `unknown_key` where there is no key. */
function failureOf(
  checkSignature: CheckSignature,
  jwt: UnverifiedJwt,
  keys: readonly UsableJwk[],
): UnauthorizedError | undefined {
  let failure: UnauthorizedError | undefined;
  for (const key of keys) {
    try {
      checkSignature(jwt, key);
      return undefined;
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) {
        throw error;
      }
      failure = error;
    }
  }
  return failure ?? new UnauthorizedError("unknown_key");
}
