/** What the server has told the page about its stack, in a `meta` element: the page runs no script of its document. */

export interface Settings {
  readonly apiUrl: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly transport: "bearer" | "cookie";
  readonly apiDocs: string | null;
}

export function readSettings(): Settings {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="rollup-vault"]');
  return JSON.parse(meta?.content ?? "{}") as Settings;
}
