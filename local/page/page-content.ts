/** Everything that the page's origin serves: the page itself, and two documents of the local run that no deployment has. */
import type { Outputs } from "../outputs";
import type { ActivityLog, ActivityNames } from "./activity";
import { bundlePage, pageHtml } from "./bundle";
import type { PageContent, PageFile } from "./page-server";

/** As web/settings.ts reads it. */
export interface PageSettings {
  readonly apiUrl: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly transport: "bearer" | "cookie";
  /** Where the API's description is shown; null where it is not. */
  readonly apiDocs: string | null;
}

export interface PageContentOptions {
  readonly url: string;
  readonly outputs: Outputs;
  readonly transport: PageSettings["transport"];
  readonly activity: ActivityLog;
  readonly names: ActivityNames;
  /** More that has its place here, by path. */
  readonly apiDocs: Readonly<Record<string, PageFile>>;
}

export const API_DOCS_PATH = "/api";

/** Where Rollup ID brings people back to, on the page's own origin. */
export function pageRedirectUri(pageUrl: string): string {
  return `${pageUrl}/callback`;
}

export function createPageContent(options: PageContentOptions): PageContent {
  const { url, outputs, transport, activity, names, apiDocs } = options;
  const { apiUrl, issuer, clientId } = outputs;
  const settings: PageSettings = {
    ...{ apiUrl, issuer, clientId, transport, redirectUri: pageRedirectUri(url) },
    apiDocs: Object.hasOwn(apiDocs, API_DOCS_PATH) ? API_DOCS_PATH : null,
  };
  const html = pageHtml(settings);
  return {
    files: { ...bundlePage(), "/": html, "/callback": html, ...apiDocs },
    documents: {
      "/local/activity": (query) => activity.read(Number(query.get("since") ?? "0") || 0, names),
    },
    contentSecurityPolicy: contentSecurityPolicy([apiUrl, issuer]),
  };
}

/** Its own files and the two servers that it speaks with; nothing else is loaded, run, framed or sent anywhere. */
function contentSecurityPolicy(servers: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${servers.join(" ")}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}
