/** The identity provider as use cases see it, and the way to it. */
import type { SettingName } from "./errors";
import type { AccessToken, Claims } from "./model";
import type { FailureCause } from "./grant/grant";

/** A token answer, judged; nothing of the provider's words survives in it. */
export type TokenOutcome =
  | {
      readonly kind: "tokens";
      readonly accessToken: AccessToken;
      /** Only where the provider sent one; absent means: keep the old one (S46). */
      readonly refreshToken: string | undefined;
      /**
       * `sub`, `iss` or `aud` of a token that a client may look into is not what this grant is for
       * (S29).
       */
      readonly foreign: boolean;
      /**
       * The subject that the answer proves, where it proves one: by an ID token, or an access token
       * that is no opaque one.
       */
      readonly sub: string | undefined;
    }
  /** Definitive: this refresh token will never work again (S48). */
  | { readonly kind: "refused" }
  /** Our own registration is wrong (client id, secret, grant type). */
  | { readonly kind: "client_rejected" }
  /** `processed`: whether the provider may have acted on the request. */
  | {
      readonly kind: "failed";
      readonly cause: Exclude<FailureCause, "client_rejected">;
      readonly processed: "no" | "maybe";
      readonly retryAfterSeconds: number | undefined;
      /** A successor in an answer that is no use otherwise (no access token, not a bearer): not to be lost (S47). */
      readonly refreshToken?: string;
      /** The time limit that the request ran into. */
      readonly setting?: SettingName | undefined;
    };

/** What an authorization code brought; nothing of it is verified yet. */
export type CodeOutcome =
  | {
      readonly kind: "tokens";
      readonly idToken: string;
      readonly accessToken: AccessToken;
      readonly refreshToken: string | undefined;
    }
  | Exclude<TokenOutcome, { kind: "tokens" }>;

export interface AuthorizationCode {
  readonly code: string;
  readonly redirectUri: string;
  /** RFC 7636; only where the provider knows it. */
  readonly codeVerifier: string | undefined;
  /** What the ID token has to hold; undefined: it may hold none (OIDC Core 3.1.3.7). */
  readonly nonce?: string | undefined;
}

/** The refresh token grant (RFC 6749 section 6). Never throws for anything that the provider or the network does. */
export interface TokenEndpoint {
  /** How long one request takes at most, from connecting to the last byte. */
  readonly timeoutMs: number;
  refresh(refreshToken: string, clientSecret: string, sub: string): Promise<TokenOutcome>;
  /** The authorization code grant (RFC 6749 section 4.1.3). Never throws either. */
  exchangeCode(code: AuthorizationCode, clientSecret: string): Promise<CodeOutcome>;
  /** RFC 7009, best effort; false where it did not work or there is no endpoint. */
  revoke(refreshToken: string, clientSecret: string): Promise<boolean>;
}

/** OIDC Core 5.3. Never throws. */
export interface Userinfo {
  read(
    accessToken: string,
    sub: string,
    timeoutMs: number,
  ): Promise<
    | { readonly kind: "claims"; readonly claims: Claims }
    | { readonly kind: "unavailable"; readonly setting?: SettingName }
    /** It spoke of somebody else. */
    | { readonly kind: "foreign" }
  >;
}

/** This product's API, as the caller would call it. Never throws. */
export interface OwnApi {
  /** `POST /me/access-token`; undefined where it gave none. */
  accessToken(
    credentials: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<string | undefined>;
}

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For everything, from connecting to the last byte. */
  readonly timeoutMs: number;
  /** Of the body, decoded. */
  readonly maxBytes: number;
  /** An answer that breaks off in its body is an answer, too. @default false: it is a failure */
  readonly takesCutOff?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without its content codings (RFC 9110 section 8.4) and without a byte order mark. */
  readonly body: Uint8Array;
  /** The body broke off, at a limit or with the connection: only where the request takes that. */
  readonly cutOffBy?: HttpLimit | "connection";
}

export type HttpLimit = "time" | "size";

/** Nothing was sent (`sent: false`), or it is unknown what became of it. */
export class HttpFailure extends Error {
  readonly sent: boolean;
  /** The limit of the request that ended it, if one did. */
  declare readonly limit?: HttpLimit;

  constructor(sent: boolean, limit?: HttpLimit) {
    super(sent ? "no usable answer" : "not sent");
    this.name = "HttpFailure";
    this.sent = sent;
    if (limit !== undefined) {
      this.limit = limit;
    }
  }
}

/** https only (plain http on loopback), no redirects, a deadline, a cap. @throws HttpFailure */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse>;
}
