/** The stack's settings, from a `meta` element: the page runs no inline script. */

export interface Settings {
  readonly apiUrl: string;
  /** The API's documentation. */
  readonly apiDocsUrl: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly transport: "bearer" | "cookie";
  /** The developer's own API that accepts access tokens. */
  readonly resourceUrl?: string;
}

export function readSettings(): Settings {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="rollup-vault"]');
  return JSON.parse(meta?.content ?? "{}") as Settings;
}
