/** The page's scripts and styles, bundled in memory at every start: there is no build to forget. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import type { PageFile } from "./page-server";

const PAGE = join(dirname(require.resolve("@rollup-vault/page/package.json")), "src");

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
};

/**
 * `/app.js`, `/theme.js`, `/app.css` and `/icon.svg`.
 * @throws Error saying where the sources are wrong
 */
export function bundlePage(): Readonly<Record<string, PageFile>> {
  const { outputFiles } = buildSync({
    absWorkingDir: PAGE,
    entryPoints: { app: "main.ts", theme: "theme.ts", "app-style": "styles/app.css" },
    outdir: "/",
    write: false,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
  });
  const bundles = outputFiles.map(({ path, contents }): [string, PageFile] => {
    const name = path.split(/[\\/]/).at(-1) ?? "";
    const contentType = TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream";
    return [`/${name.replace("app-style", "app")}`, { contentType, body: contents }];
  });
  const icon = readFileSync(join(PAGE, "icon.svg"), "utf8");
  return {
    ...Object.fromEntries(bundles),
    "/icon.svg": { contentType: "image/svg+xml", body: icon },
  };
}

/**
 * @param settings what the page is told about its stack; there is no script in it that could tell
 */
export function pageHtml(settings: unknown): PageFile {
  const template = readFileSync(join(PAGE, "page.html"), "utf8");
  const body = template.replace("{{settings}}", () => escapeHtml(JSON.stringify(settings)));
  return { contentType: "text/html; charset=utf-8", body };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
