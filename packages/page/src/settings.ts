/** The stack's settings, from a `meta` element: the page runs no inline script. */

export interface Settings {
  readonly apiUrl: string;
  /** The API's documentation. */
  readonly apiDocsUrl: string;
  readonly provider: Provider;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly transport: "bearer" | "cookie";
  /** The developer's own API that accepts access tokens. */
  readonly resourceUrl?: string;
}

interface Provider {
  /** For people. */
  readonly title: string;
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly userinfoEndpoint?: string;
  readonly scope: string;
  /** Scopes, and what each opens. */
  readonly opens: Readonly<Record<string, string>>;
  /** More parameters of the authorization request. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly pkce: boolean;
  readonly nonce: boolean;
  /** Every answer has `iss` (RFC 9207). */
  readonly iss: boolean;
  /** How a local one is broken; a provider elsewhere is not ours to break. */
  readonly faults?: Faults;
}

export interface Faults {
  readonly url: string;
  readonly kind: "rollup-id" | "oidc";
}

export function readSettings(): Settings {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="rollup-vault"]');
  return JSON.parse(meta?.content ?? "{}") as Settings;
}
