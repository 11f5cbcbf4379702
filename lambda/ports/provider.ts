/** The identity provider as use cases see it. */
import type { SettingName } from "../errors";
import type { FailureCause } from "../grant/grant";
import type { AccessToken, Claims } from "../model";
import type { Scopes } from "../scopes";

/** The result of a refresh. No text of the provider is in it. */
export type TokenOutcome =
  | {
      readonly kind: "tokens";
      readonly accessToken: AccessToken;
      /** The new refresh token, if the response has one; undefined: keep the old one (S46). */
      readonly refreshToken: string | undefined;
      /**
       * An ID token or access token in the response names another `sub`, `iss` or `aud` than this
       * grant has (S29).
       */
      readonly foreign: boolean;
      /**
       * The subject that the response proves, by an ID token or an access token that is a
       * documented JWT; undefined: it proves none.
       */
      readonly sub: string | undefined;
      /** What the provider says that it has granted; undefined: it says nothing. */
      readonly scopes?: Scopes;
    }
  /** `invalid_grant` or its equivalent: this refresh token will never work again (S48). */
  | { readonly kind: "refused" }
  /** The provider rejects this client: id, secret or grant type. */
  | { readonly kind: "client_rejected" }
  /** `processed`: whether the provider may have acted on the request, and so may have rotated. */
  | {
      readonly kind: "failed";
      readonly cause: Exclude<FailureCause, "client_rejected">;
      readonly processed: "no" | "maybe";
      readonly retryAfterSeconds: number | undefined;
      /**
       * A new refresh token in a response that is unusable otherwise: it must not be lost (S47).
       */
      readonly refreshToken?: string;
      /** The stage's time limit, if the request ran into it. */
      readonly setting?: SettingName;
    };

/** The result of an authorization code exchange. Nothing in it is verified yet. */
export type CodeOutcome =
  | {
      readonly kind: "tokens";
      readonly idToken: string;
      readonly accessToken: AccessToken;
      readonly refreshToken: string | undefined;
      /** As above. */
      readonly scopes?: Scopes;
    }
  | Exclude<TokenOutcome, { kind: "tokens" }>;

export interface AuthorizationCode {
  readonly code: string;
  readonly redirectUri: string;
  /** RFC 7636, where the provider supports it. */
  readonly codeVerifier: string | undefined;
  /** The `nonce` that the ID token must have; undefined: it must have none (OIDC Core 3.1.3.7). */
  readonly nonce?: string;
  /** The scopes that were asked for, where the client says so. */
  readonly scopes?: Scopes;
}

/**
 * The token endpoint. No method throws for anything that the provider or the network does: it is an
 * outcome.
 */
export interface TokenEndpoint {
  /** Milliseconds that one request may take, from connecting to the last byte. */
  readonly timeoutMs: number;
  refresh(refreshToken: string, client: ClientCredentials, sub: string): Promise<TokenOutcome>;
  /** The authorization code grant (RFC 6749 section 4.1.3). */
  exchangeCode(code: AuthorizationCode, client: ClientCredentials): Promise<CodeOutcome>;
  /**
   * Revocation (RFC 7009), best effort.
   * @returns false where it failed or the provider has no revocation endpoint
   */
  revoke(refreshToken: string, client: ClientCredentials): Promise<boolean>;
}

/** What one request shows the provider of this client, beside its own fields. Secret. */
export interface ClientCredentials {
  /** Fields of the form. */
  readonly fields: Readonly<Record<string, string>>;
  /** Value of the `Authorization` header. */
  readonly authorization?: string;
}

/**
 * Shows the provider who this client is (RFC 6749 section 2.3). No use case asks by what means.
 * @throws UnavailableError `client_secret_unavailable`, `client_key_unavailable`; InternalError
 * `client_secret_missing`, `client_secret_malformed`, `client_secret_denied`, `client_key_denied`
 */
export interface ClientAuthentication {
  /**
   * For exactly one request, within a minute: a provider refuses a signed assertion that it has
   * seen before. Made before anything is spent.
   */
  prepare(): Promise<ClientCredentials>;
  /**
   * After the provider has rejected these.
   * @returns others, worth one more request; undefined: there are none
   */
  renew(rejected: ClientCredentials): Promise<ClientCredentials | undefined>;
}

/** The UserInfo endpoint (OpenID Connect Core 5.3). Never throws. */
export interface Userinfo {
  read(
    accessToken: string,
    sub: string,
    timeoutMs: number,
  ): Promise<
    | { readonly kind: "claims"; readonly claims: Claims }
    | { readonly kind: "unavailable"; readonly setting?: SettingName }
    /** Its `sub` is another user's (OIDC Core 5.3.2). */
    | { readonly kind: "foreign" }
  >;
}

/** This product's own API, called with the credentials of the caller. Never throws. */
export interface OwnApi {
  /** `POST /me/access-token`; undefined where the response has no access token. */
  accessToken(
    credentials: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<string | undefined>;
}
