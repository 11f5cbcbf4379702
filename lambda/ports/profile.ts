/** What an IdP profile has to say; `idp/profiles/` says it for each kind of provider. */
import type {
  CLIENT_AUTHENTICATIONS,
  ID_TOKEN_ALGS,
  REFRESH_TOKEN_FORMATS,
  ROTATIONS,
} from "../facts";
import type { Claims, EpochMs } from "../model";

export type Rotation = (typeof ROTATIONS)[number];

type Members = Readonly<Record<string, unknown>>;

/** What one kind of provider does differently; the only place where providers differ. */
export interface IdpProfile {
  readonly idToken: IdTokenPolicy;
  /** What is kept of an ID token's payload, and of a userinfo answer (OIDC Core 5.3.2). */
  pickClaims(payload: Members): Claims;
  pickUserinfo(answer: Members): Claims;
  readonly refreshToken: {
    readonly format: (typeof REFRESH_TOKEN_FORMATS)[number];
    readonly rotation: Rotation;
    /** After so long unused it lapses; undefined: never. */
    readonly idleSeconds?: number | undefined;
  };
  /**
   * What an access token is to us: a JWT with our `iss`, `sub` and `aud`, as the provider
   * documents; or opaque, as to any client (RFC 6749 section 1.4, RFC 9068 section 6).
   */
  readonly accessToken: "jwt_of_ours" | "opaque";
  /** What the provider honours of the code flow's protections (RFC 7636; OIDC Core 3.1.2.1). */
  readonly signIn: {
    readonly pkce: boolean;
    readonly nonce: boolean;
    /**
     * Whether a code can have been exchanged before and still be good (RFC 6749 section 4.1.2
     * forbids it).
     */
    readonly isCodeReusable: boolean;
    /** Whether the provider can have issued this code: what it cannot is not worth a request. */
    readonly isPossibleCode: (code: string) => boolean;
  };
  readonly clientAuthentication: (typeof CLIENT_AUTHENTICATIONS)[number];
  /** When the access token of a token answer runs out. */
  accessTokenExpiresAt(
    answer: { readonly accessToken: string; readonly expiresIn: number | undefined },
    now: EpochMs,
  ): EpochMs;
  /**
   * Judges an answer of the refresh token grant that brought no token, with a status below 500.
   * `body` is parsed JSON, or undefined; `isChallenged`: the answer has `WWW-Authenticate` (RFC
   * 6749 section 5.2).
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
  readonly algs: readonly (typeof ID_TOKEN_ALGS)[number][];
  /** Of one that a request brings (S17); what an answer brings has the limit of the answer. */
  readonly maxBytes: number;
  /** `exp - iat` at most. */
  readonly maxLifetimeSeconds: number;
  /**
   * How long after `iat` a request may bring it, however late its `exp` is.
   * @default until `exp`
   */
  readonly maxAgeSeconds?: number;
  readonly clockToleranceSeconds: number;
  readonly subPattern: RegExp;
  /** Claims whose presence shows another kind of token (S13). */
  readonly forbiddenClaims: readonly string[];
  /** Claims by which providers tell their kinds of tokens apart. @default none */
  readonly kindClaims?: readonly KindClaim[];
  /**
   * What may stand beside a forbidden `scope` (with `openid`) in a token that has nothing else of
   * an access token.
   * @default none: `scope` alone shows another kind
   */
  readonly claimsBesideScope?: readonly string[];
  /**
   * Whether a token may name no key where one key alone fits: OpenID Connect Core 10.1 asks for a
   * name only where there are several.
   * @default false
   */
  readonly isKidOptional?: boolean;
  /**
   * What OpenID Connect allows and this policy does not is a setting of the stage, which the log
   * then names; and a claim that only an ID token has excuses a forbidden one.
   */
  readonly isAdjustable?: boolean;
  /** Audiences that may stand beside ours (OIDC Core 3.1.3.7). @default none */
  readonly trustedAudiences?: readonly string[];
  /**
   * What `azp` may say besides our client id: our own apps; or anything, where `aud` is ours alone.
   * @default none
   */
  readonly trustedAzp?: readonly string[] | "any";
  /** `typ` header values that an ID token may have, besides none. Compared in upper case. */
  readonly types: readonly string[];
}
