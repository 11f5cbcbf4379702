/**
 * What the server has told the page about its stack, in a `meta` element: the page runs no script
 * of its document.
 */

export interface Settings {
  readonly apiUrl: string;
  /** Where a person reads about the API. */
  readonly apiDocsUrl: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly transport: "bearer" | "cookie";
  /** An API of the developer's own that takes access tokens. */
  readonly resourceUrl?: string;
}

export function readSettings(): Settings {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="rollup-vault"]');
  return JSON.parse(meta?.content ?? "{}") as Settings;
}
