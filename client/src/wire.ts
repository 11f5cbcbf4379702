/** What the API says, as it says it: names in snake_case, times in RFC 3339, durations in whole seconds. */

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue };

export interface User {
  readonly sub: string;
  readonly claims: { readonly [claim: string]: JsonValue };
  /** The app's own data. */
  readonly attributes: { readonly [name: string]: JsonValue };
  readonly created_at: string;
  readonly updated_at: string;
  readonly version: number;
}

/** Of `GET /me?fresh=true`: whether the provider answered, and when. */
export interface Freshness {
  readonly status: "ok" | "unavailable";
  readonly at: string | null;
}

export interface AccessToken {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_at: string;
  readonly expires_in: number;
  readonly scope: string | null;
}

export interface Session {
  readonly id: string;
  readonly created_at: string;
  readonly last_seen_at: string;
  readonly idle_expires_at: string;
  readonly expires_at: string;
  readonly user_agent: string;
}

export interface ListedSession extends Session {
  /** The one that asks. */
  readonly current: boolean;
}

export interface SignInAnswer {
  /** `token` is null where the session is in a cookie. */
  readonly session: Session & { readonly token: string | null };
  readonly user: User;
  readonly access_token?: AccessToken;
}

export interface Connection {
  readonly status: "none" | "active" | "needs_sign_in" | "frozen";
  readonly since: string | null;
  readonly reason: string | null;
  readonly last_exchange_at: string | null;
  readonly history: readonly {
    readonly at: string;
    readonly by: string;
    readonly outcome: string;
  }[];
}

export interface Receipt {
  readonly sub: string;
  readonly erased_at: string;
  readonly erased: readonly string[];
  readonly revocation: "revoked" | "not_revoked" | "no_endpoint" | "no_token";
}

export interface Export {
  readonly format: string;
  readonly exported_at: string;
  readonly sub: string;
  readonly user: User | null;
  readonly refresh_token: Connection;
  readonly sessions: readonly Session[];
}

/** RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code:
    | "access_denied"
    | "invalid_request"
    | "invalid_token"
    | "not_found"
    | "method_not_allowed"
    | "frozen"
    | "needs_sign_in"
    | "precondition_failed"
    | "payload_too_large"
    | "unsupported_media_type"
    | "server_error"
    | "temporarily_unavailable";
  readonly action: "none" | "retry" | "sign_in" | "fix_request" | "contact_operator";
  readonly retryable: boolean;
  readonly retry_after?: number;
  readonly reason?: string;
}
