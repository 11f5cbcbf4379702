/**
 * Everything that the page's origin serves: the page itself, and two documents of the local run
 * that no deployment has.
 */
import type { Outputs } from "../outputs";
import type { ActivityLog, ActivityNames } from "./activity";
import { bundlePage, pageHtml } from "./bundle";
import type { PageContent } from "./page-server";

/** As packages/page/src/settings.ts reads it. */
interface PageSettings {
  readonly apiUrl: string;
  /** The contract as a page, for who develops an app. */
  readonly apiDocsUrl: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly transport: "bearer" | "cookie";
  /** JSON leaves it out where there is none. */
  readonly resourceUrl: string | undefined;
}

export interface PageContentOptions {
  readonly url: string;
  readonly outputs: Outputs;
  readonly transport: PageSettings["transport"];
  readonly resourceUrl: string | undefined;
  readonly activity: ActivityLog;
  readonly names: ActivityNames;
}

/** Where Rollup ID brings people back to, on the page's own origin. */
export function pageRedirectUri(pageUrl: string): string {
  return `${pageUrl}/callback`;
}

export function createPageContent(options: PageContentOptions): PageContent {
  const { url, outputs, transport, activity, names, resourceUrl } = options;
  const { apiUrl, apiDocsUrl, issuer, clientId } = outputs;
  const settings: PageSettings = {
    apiUrl,
    apiDocsUrl,
    issuer,
    clientId,
    transport,
    resourceUrl,
    redirectUri: pageRedirectUri(url),
  };
  const html = pageHtml(settings);
  return {
    files: { ...bundlePage(), "/": html, "/callback": html },
    documents: {
      "/local/activity": (query) => activity.read(Number(query.get("since") ?? "0") || 0, names),
    },
    contentSecurityPolicy: contentSecurityPolicy([
      apiUrl,
      issuer,
      ...(resourceUrl === undefined ? [] : [new URL(resourceUrl).origin]),
    ]),
  };
}

/**
 * Its own files and the servers that it speaks with; nothing else is loaded, run, framed or sent
 * anywhere.
 */
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
