/** The differences between kinds of providers; `lambda/idp/profiles/` has one object per kind. */
import type { ID_TOKEN_ALGS, REFRESH_TOKEN_FORMATS } from "../facts";
import type { Rotation } from "../grant/grant";
import type { Claims, EpochMs } from "../model";

type Members = Readonly<Record<string, unknown>>;

/**
 * What one kind of provider does differently at its token endpoint. No other code asks which
 * provider it is. Apart from {@link IdentityProfile}, which not every function needs.
 */
export interface IdpProfile {
  readonly refreshToken: {
    readonly format: (typeof REFRESH_TOKEN_FORMATS)[number];
    readonly rotation: Rotation;
    /** Seconds unused after which the provider lets it lapse; undefined: never. */
    readonly idleSeconds?: number;
  };
  /**
   * `jwt_of_ours`: the provider documents access tokens as JWTs with this client's `iss`, `sub` and
   * `aud`. `opaque`: nothing may be read in one (RFC 6749 section 1.4, RFC 9068 section 6).
   */
  readonly accessToken: "jwt_of_ours" | "opaque";
  /** When the access token of a token response expires. */
  accessTokenExpiresAt(
    answer: { readonly accessToken: string; readonly expiresIn: number | undefined },
    now: EpochMs,
  ): EpochMs;
  /**
   * Classifies a token response without a token and with a status below 500.
   * @param body parsed JSON; undefined where it is none
   * @param isChallenged the response has `WWW-Authenticate` (RFC 6749 section 5.2)
   */
  judgeRefusal(
    status: number,
    body: unknown,
    isChallenged: boolean,
  ): "refused" | "client_rejected" | "unavailable";
}

/** What one kind of provider does differently where it says who a user is. */
export interface IdentityProfile {
  readonly idToken: IdTokenPolicy;
  /** The claims of an ID token that are stored. */
  pickClaims(payload: Members): Claims;
}

/** The protections of the code flow that the provider supports (RFC 7636; OIDC Core 3.1.2.1). */
export interface CodeFlow {
  readonly pkce: "supported" | "required" | "none";
  readonly nonce: boolean;
  /** Whether a code stays good after an exchange, which RFC 6749 section 4.1.2 forbids. */
  readonly isCodeReusable: boolean;
  /** Whether the code has the provider's format. One that has not costs no token request. */
  readonly isPossibleCode: (code: string) => boolean;
}

/** The claims of a userinfo response (OIDC Core 5.3.2) that are stored. */
export type PickUserinfo = (answer: Members) => Claims;

/** A claim by which a provider marks the kind of a token. */
export interface KindClaim {
  readonly name: string;
  /** Its values in ID tokens, in lower case; empty: ID tokens do not have it. */
  readonly ofIdTokens: readonly string[];
}

export interface IdTokenPolicy {
  readonly algs: readonly (typeof ID_TOKEN_ALGS)[number][];
  /** The largest ID token that a request may present, in bytes (S17). */
  readonly maxBytes: number;
  /** The largest `exp - iat`, in seconds. */
  readonly maxLifetimeSeconds: number;
  /**
   * Seconds after `iat` for which a request may present it, and a session begin with it, even if
   * `exp` is later.
   * @default until `exp`
   */
  readonly maxAgeSeconds?: number;
  readonly clockToleranceSeconds: number;
  readonly subPattern: RegExp;
  /** Claims that only other kinds of tokens have (S13). */
  readonly forbiddenClaims: readonly string[];
  /**
   * Claims that mark the kind of a token.
   * @default none
   */
  readonly kindClaims?: readonly KindClaim[];
  /**
   * Claims that a token with `scope` (with `openid`) may have and still pass as an ID token.
   * @default none: `scope` alone shows another kind
   */
  readonly claimsBesideScope?: readonly string[];
  /**
   * Whether a token may lack `kid` where exactly one key fits: OpenID Connect Core 10.1 requires
   * `kid` only where there are several keys.
   * @default false
   */
  readonly isKidOptional?: boolean;
  /**
   * Whether the stage can loosen this policy: the log then names the setting, and a claim that only
   * ID tokens have excuses a forbidden one.
   */
  readonly isAdjustable?: boolean;
  /**
   * Other audiences that `aud` may have besides this client (OIDC Core 3.1.3.7).
   * @default none
   */
  readonly trustedAudiences?: readonly string[];
  /**
   * Client ids, besides this client's, that `azp` may have. `any`: `azp` is not judged where `aud`
   * is this client alone.
   * @default none
   */
  readonly trustedAzp?: readonly string[] | "any";
  /** Values of the `typ` header that an ID token may have, besides none. Compared in upper case. */
  readonly types: readonly string[];
}
