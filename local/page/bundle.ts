/** The page's scripts and styles, bundled in memory at every start: there is no build to forget. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BrowserFiles, bundled, PAGE, sharedFiles } from "../../bin/browser-files";
import type { PageFile } from "./page-server";

/**
 * Scripts and styles of the app and of the API's page, the font, whose name has its hash, and what
 * all pages share.
 * @throws Error saying where the sources are wrong
 */
export function bundlePage(): BrowserFiles {
  return {
    ...sharedFiles(),
    ...bundled(PAGE, {
      app: "main.ts",
      docs: "docs/main.ts",
      "app-style": "styles/app.css",
      "docs-style": "styles/docs.css",
    }),
  };
}

/**
 * @param settings what the page is told about its stack; there is no script in it that could tell
 */
export function pageHtml(name: "page" | "docs", settings: unknown): PageFile {
  const template = readFileSync(join(PAGE, `${name}.html`), "utf8");
  const body = template.replace("{{settings}}", () => escapeHtml(JSON.stringify(settings)));
  return { contentType: "text/html; charset=utf-8", body };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
