/** The public interface of the client. */
import type { Listener, VaultEvents, VaultState } from "./events.js";
import type * as wire from "./wire.js";

/** `sessionStorage` or another store of text, also an asynchronous one (an app's secure store). */
export interface TextStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

export interface AccessTokenOptions {
  /** Seconds that the token must remain valid. @default 60 */
  readonly minValidity?: number;
  /**
   * What the token must open. VaultError `needs_consent` if the user has not granted all of it:
   * `signIn({ scopes: error.missingScopes })` asks for it. @default none
   */
  readonly requiredScopes?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RetryOptions {
  /** Retries of a request at most. @default 2 */
  readonly retries?: number;
  /** Seconds. If the API asks to wait longer, the error is thrown at once. @default 5 */
  readonly maxWait?: number;
}

export interface ProviderOptions {
  readonly clientId: string;
  /** One of the stage's `redirectUris`. */
  readonly redirectUri: string;
  /** @default Rollup ID's */
  readonly authorizationEndpoint?: string;
  /**
   * As the provider writes it into `iss`. An answer with another `iss` is refused (RFC 9207).
   * @default not compared
   */
  readonly issuer?: string;
  /**
   * Every answer has `iss` (`authorization_response_iss_parameter_supported`): one without it is
   * refused, too. Only with `issuer`. @default false
   */
  readonly iss?: boolean;
  /** Separated by spaces. @default "openid profile" */
  readonly scope?: string;
  /**
   * RFC 7636, S256. Only for providers that support it; Rollup ID does not. @default false
   */
  readonly pkce?: boolean;
  /** OpenID Connect Core 3.1.2.1. Rollup ID does not support it. @default false */
  readonly nonce?: boolean;
}

export interface SignInOptions {
  /** The page to show afterwards, on this origin. @default the current page */
  readonly returnTo?: string;
  /** More parameters of the authorization request, e.g. `prompt` or `login_hint`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Asked for in addition to `provider.scope`. @default none */
  readonly scopes?: readonly string[] | undefined;
}

export interface VaultClientOptions {
  /** Output `ApiUrl` of the deployment. */
  readonly apiUrl: string;
  /** Where people sign in. Needed only by `signIn`. */
  readonly provider?: ProviderOptions;
  /** As the stage has it (`sessions.transport`). @default "bearer" */
  readonly transport?: "bearer" | "cookie";
  /**
   * Where a bearer session's token is stored. "tab": sessionStorage, so each tab has a session of
   * its own, until it is closed. "local": localStorage, one session for all tabs of the origin,
   * which outlives the browser, and which any script of the origin can read at any time. "memory":
   * until the next load. Or a store of the app's own. What refuses is replaced by memory. Without a
   * page (a server) there is no default, with either transport: a client that several people share
   * must not keep a session. There, "memory" says that this client is for one person, e.g. for one
   * request. @default "tab"
   */
  readonly storage?: "tab" | "local" | "memory" | TextStorage;
  readonly retry?: RetryOptions;
  /** Whether tabs of this origin share access tokens and events. @default true */
  readonly tabs?: boolean;
  /** @default the global one */
  readonly fetch?: typeof fetch;
  /** Opens the provider's page. @default location.assign, once `state` is stored */
  readonly navigate?: (url: string) => unknown;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface CompletedSignIn {
  readonly user: wire.User;
  /**
   * Whether there is a refresh token now, what is granted, and else what to ask for, as
   * `parameters` of `signIn`.
   */
  readonly connection: wire.SignIn["connection"];
  /** The page where the sign-in began; the address bar shows it already. */
  readonly returnTo: string | undefined;
}

/**
 * Every promise rejects with a VaultError or with the reason of the caller's own signal, and with
 * nothing else. A signal ends the waiting; a sign-in that has been sent continues, so that no
 * session stays open unknown to the client.
 */
export interface VaultClient {
  /** Goes to the provider's page. */
  signIn(options?: SignInOptions): Promise<void>;
  /**
   * Accepts the provider's answer, on the redirect URI's page or on every page.
   * @returns undefined if the address is not the answer to a sign-in that began here (its `state`,
   *   at its redirect URI); the address then stays
   * @throws VaultError. Unless `action` is `sign_in`, the answer is back in the address, and the
   *   call can be repeated.
   */
  completeSignIn(
    options?: CallOptions & { readonly url?: string },
  ): Promise<CompletedSignIn | undefined>;
  /** Signs in with tokens that the app obtained by itself. */
  signInWithIdToken(
    tokens: { readonly idToken: string; readonly refreshToken?: string },
    options?: CallOptions,
  ): Promise<wire.User>;
  /** `fresh` adds the provider's current userinfo, if the provider answers. */
  user(
    options?: CallOptions & { readonly fresh?: boolean },
  ): Promise<wire.User & Partial<Pick<wire.FreshUser, "fresh">>>;
  accessToken(options?: AccessTokenOptions): Promise<wire.AccessToken>;
  /**
   * Ends this session; a bearer session is forgotten here even if this rejects. `everywhere` ends
   * all sessions of the user; if it rejects, this tab stays signed in. Resolves if the session had
   * already ended.
   */
  signOut(options?: CallOptions & { readonly everywhere?: boolean }): Promise<void>;
  /** What is known without a request: right for the first picture that a page paints. */
  readonly state: VaultState;
  /** @returns a function that removes the listener */
  onChange(listener: (state: VaultState) => void): () => void;
  /** @returns a function that removes the listener */
  on<Name extends keyof VaultEvents>(name: Name, listener: Listener<Name>): () => void;
  /** Stops messages to and from other tabs; all else continues. */
  close(): void;
}
