/**
 * Everything that the page's origin serves: the page itself, and documents of the local run that no
 * deployment has.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { presetOf } from "../../lib/provider/resolve";
import { operationsContent } from "../operations/operations-content";
import type { Watch } from "../operations/watch";
import type { Frontend, Outputs } from "../outputs";
import type { ActivityLog, ActivityNames } from "./activity";
import { bundlePage, pageHtml } from "./bundle";
import type { PageContent } from "./page-server";
import { createTourCallbacks, TOUR_CALLBACK } from "./tour-callbacks";

/** As packages/page/src/settings.ts reads it. JSON leaves out what is undefined. */
interface PageSettings {
  readonly apiUrl: string;
  /** The contract as a page, for who develops an app. */
  readonly apiDocsUrl: string;
  readonly provider: PageProvider;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly transport: "bearer" | "cookie";
  readonly resourceUrl: string | undefined;
}

interface PageProvider extends Frontend {
  readonly title: string;
  /** Scopes, and what each opens. */
  readonly opens: Readonly<Record<string, string>>;
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly userinfoEndpoint: string | undefined;
  readonly faults: Outputs["faults"];
}

export interface PageContentOptions {
  readonly url: string;
  readonly outputs: Outputs;
  readonly transport: PageSettings["transport"];
  readonly resourceUrl: string | undefined;
  readonly activity: ActivityLog;
  readonly names: ActivityNames;
  readonly watch: Watch;
}

/** Where the contract is a page. */
export const API_DOCS = "/docs";

/** Where the provider brings people back to, on the page's own origin. */
export function pageRedirectUri(pageUrl: string): string {
  return `${pageUrl}/callback`;
}

export function createPageContent(options: PageContentOptions): PageContent {
  const { url, outputs, transport, activity, names, resourceUrl, watch } = options;
  const { apiUrl, apiDocsUrl, clientId } = outputs;
  const provider = providerOf(outputs);
  const settings: PageSettings = {
    apiUrl,
    apiDocsUrl,
    provider,
    clientId,
    transport,
    resourceUrl,
    redirectUri: pageRedirectUri(url),
  };
  const html = pageHtml("page", settings);
  const docs = pageHtml("docs", settings);
  const contract = contractOf(apiUrl);
  const callbacks = createTourCallbacks();
  const operations = operationsContent(watch);
  const asked = [apiUrl, provider.userinfoEndpoint, provider.faults?.url, resourceUrl];
  return {
    files: {
      ...bundlePage(),
      ...operations.files,
      "/": html,
      "/callback": html,
      [API_DOCS]: docs,
    },
    documents: {
      ...operations.documents,
      "/local/activity": (query) => activity.read(Number(query.get("since") ?? "0") || 0, names),
      [TOUR_CALLBACK]: callbacks.read,
      [`${API_DOCS}/openapi.json`]: () => contract,
    },
    changes: operations.changes,
    instead: callbacks.accept,
    contentSecurityPolicy: contentSecurityPolicy(
      asked.filter((each) => each !== undefined).map((each) => new URL(each).origin),
    ),
  };
}

/** The committed document; its relative address would be the page's own here. */
function contractOf(apiUrl: string): object {
  const text = readFileSync(join(__dirname, "../..", "docs", "openapi.json"), "utf8");
  return { ...(JSON.parse(text) as object), servers: [{ url: apiUrl }] };
}

function providerOf(outputs: Outputs): PageProvider {
  const { provider: title, issuer, authorizationEndpoint, frontend, faults } = outputs;
  const userinfo = outputs.idpSettings["userinfoEndpoint"];
  const userinfoEndpoint = typeof userinfo === "string" ? userinfo : undefined;
  const { scopes: opens } = presetOf(outputs.preset);
  return { title, issuer, authorizationEndpoint, userinfoEndpoint, ...frontend, faults, opens };
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
    "font-src 'self'",
    `connect-src 'self' ${[...new Set(servers)].join(" ")}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}
