/** What an IdP profile has to say; `idp/profiles/` says it for each kind of provider. */
import type { Claims, EpochMs } from "./model";

type Members = Readonly<Record<string, unknown>>;

/** What one kind of provider does differently; the only place where providers differ. */
export interface IdpProfile {
  readonly idToken: IdTokenPolicy;
  /** What is kept of an ID token's payload, and of a userinfo answer (OIDC Core 5.3.2). */
  pickClaims(payload: Members): Claims;
  pickUserinfo(answer: Members): Claims;
  readonly refreshToken: {
    readonly format: "jwt" | "opaque";
    readonly rotation: "none" | "grace" | "strict";
    /** After so long unused it lapses; undefined: never. */
    readonly idleSeconds?: number | undefined;
  };
  /**
   * What an access token is to us: a JWT with our `iss`, `sub` and `aud`, as the provider
   * documents; or opaque, as to any client (RFC 6749 section 1.4, RFC 9068 section 6).
   */
  readonly accessToken: "jwt_of_ours" | "opaque";
  /** What the provider honours of the code flow's protections (RFC 7636; OIDC Core 3.1.2.1). */
  readonly signIn: { readonly pkce: boolean; readonly nonce: boolean };
  readonly clientAuthentication: "client_secret_post" | "client_secret_basic";
  /** When the access token of a token answer runs out. */
  accessTokenExpiresAt(
    answer: { readonly accessToken: string; readonly expiresIn: number | undefined },
    now: EpochMs,
  ): EpochMs;
  /**
   * Judges a status other than 2xx of the refresh token grant. `body` is parsed JSON, or undefined; `isChallenged`: the answer
   * has `WWW-Authenticate` (RFC 6749 section 5.2).
   */
  judgeRefusal(
    status: number,
    body: unknown,
    isChallenged: boolean,
  ): "refused" | "client_rejected" | "unavailable";
}

/** What a claim says about the kind of a token. */
export interface KindClaim {
  readonly name: string;
  /** What it says in an ID token, in lower case; none: an ID token does not have it. */
  readonly ofIdTokens: readonly string[];
}

export interface IdTokenPolicy {
  readonly algs: readonly ("ES256" | "RS256" | "PS256" | "EdDSA")[];
  readonly maxBytes: number;
  /** `exp - iat` at most. */
  readonly maxLifetimeSeconds: number;
  readonly clockToleranceSeconds: number;
  readonly subPattern: RegExp;
  /** Claims whose presence shows another kind of token (S13). */
  readonly forbiddenClaims: readonly string[];
  /** Claims by which providers tell their kinds of tokens apart. @default none */
  readonly kindClaims?: readonly KindClaim[];
  /**
   * Whether a token may name no key where one key alone fits: OpenID Connect Core 10.1 asks for a
   * name only where there are several.
   * @default false
   */
  readonly isKidOptional?: boolean;
  /** `typ` header values that an ID token may have, besides none. Compared in upper case. */
  readonly types: readonly string[];
}
