/** What the client looks like from outside. */
import type { Listener, VaultEvents } from "./events.js";
import type * as wire from "./wire.js";

/** `sessionStorage`, or whatever keeps texts: also in its own time, as apps' secure stores do. */
export interface TextStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

export interface AccessTokenOptions {
  /** Seconds that the token must still be good for. @default 60 */
  readonly minValidity?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface RetryOptions {
  /** How often a request is sent again at most. @default 2 */
  readonly retries?: number;
  /** Seconds. Where the API asks to wait longer than that, the error comes at once. @default 5 */
  readonly maxWait?: number;
}

export interface ProviderOptions {
  readonly clientId: string;
  /** One of the stage's `redirectUris`. */
  readonly redirectUri: string;
  /** @default Rollup ID's */
  readonly authorizationEndpoint?: string;
  /** Separated by spaces. @default "openid profile" */
  readonly scope?: string;
  /**
   * RFC 7636, S256; only where the provider honours it, which Rollup ID does not. @default false
   */
  readonly pkce?: boolean;
  /** OpenID Connect Core 3.1.2.1; likewise. @default false */
  readonly nonce?: boolean;
}

export interface SignInOptions {
  /** Where to go on afterwards, on this origin. @default the page that one is on */
  readonly returnTo?: string;
  /** More of the provider's parameters, e.g. `prompt` or `login_hint`. */
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface VaultClientOptions {
  /** Output `ApiUrl` of the deployment. */
  readonly apiUrl: string;
  /** Where people sign in; not needed by who never calls `signIn`. */
  readonly provider?: ProviderOptions;
  /** As the stage has it (`sessions.transport`). @default "bearer" */
  readonly transport?: "bearer" | "cookie";
  /**
   * Where a bearer session's token lies. @default sessionStorage: this tab, until it is closed;
   * "memory" where there is none, or where it refuses. Without a page (a server) there is no
   * default, with either transport: a client that more than one person shares must keep nobody.
   * There, "memory" says that this client is for one person, e.g. for one request.
   */
  readonly storage?: TextStorage | "memory";
  /** Origins that `fetch` may send access tokens to. @default none */
  readonly origins?: readonly string[];
  readonly retry?: RetryOptions;
  /** Whether tabs of this origin share access tokens and events. @default true */
  readonly tabs?: boolean;
  /** @default the global one */
  readonly fetch?: typeof fetch;
  /** Takes the person to the provider. @default location.assign, once the way back is stored */
  readonly navigate?: (url: string) => unknown;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface CompletedSignIn {
  readonly user: wire.User;
  /** The page that the person came from; the address bar shows it already. */
  readonly returnTo: string | undefined;
}

/**
 * Whatever it returns may reject with a VaultError, or with the reason of the caller's own signal,
 * and with nothing else. A signal ends the waiting; a sign-in that has been sent goes on, so that
 * no session is left open that nobody has.
 */
export interface VaultClient {
  /** Leaves for the provider's page. */
  signIn(options?: SignInOptions): Promise<void>;
  /**
   * On the redirect URI's page, or anywhere. Undefined where the address is not the answer to a
   * sign-in that began here (its `state`, at its redirect URI): there is nothing to complete, and
   * the address stays as it is. Where it rejects and a new sign-in would not be the cure, the
   * answer is back in the address: it can be called again.
   */
  completeSignIn(
    options?: CallOptions & { readonly url?: string },
  ): Promise<CompletedSignIn | undefined>;
  /** With tokens that the app has got by itself. */
  signInWithIdToken(
    tokens: { readonly idToken: string; readonly refreshToken?: string },
    options?: CallOptions,
  ): Promise<wire.User>;
  /** `fresh`: also with what the provider's userinfo says now, where it answers. */
  user(
    options?: CallOptions & { readonly fresh?: boolean },
  ): Promise<wire.User & Partial<Pick<wire.FreshUser, "fresh">>>;
  /**
   * Merges into the app's own data (RFC 7396: null deletes a member).
   * @param options `ifVersion`: only if the user still has this version, else VaultError
   *   `precondition_failed`
   */
  updateAttributes(
    patch: wire.AttributesPatch,
    options?: CallOptions & { readonly ifVersion?: number },
  ): Promise<wire.User>;
  accessToken(options?: AccessTokenOptions): Promise<wire.AccessToken>;
  /**
   * With the access token, to the listed origins only; once more with a new one after 401.
   * Redirects are errors.
   */
  readonly fetch: typeof fetch;
  connection(options?: CallOptions): Promise<wire.Connection>;
  /** Deletes the refresh token. */
  disconnect(options?: CallOptions): Promise<void>;
  exportData(options?: CallOptions): Promise<wire.Export>;
  /** For good: user, tokens and sessions. */
  erase(options?: CallOptions): Promise<wire.ErasureReceipt>;
  sessions(options?: CallOptions): Promise<readonly wire.ListedSession[]>;
  /** One of the others. */
  endSession(id: string, options?: CallOptions): Promise<void>;
  /**
   * Here; a bearer session is forgotten even if this rejects. `everywhere`: if this rejects,
   * nobody is signed out. Where the session had ended already this resolves.
   */
  signOut(options?: CallOptions & { readonly everywhere?: boolean }): Promise<void>;
  /** @returns what ends it */
  on<Name extends keyof VaultEvents>(name: Name, listener: Listener<Name>): () => void;
  /** Hears and tells other tabs nothing any more; all else goes on. */
  close(): void;
}
