/** The page's scripts and styles, bundled in memory at every start: there is no build to forget. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import type { PageFile } from "./page-server";

const CONSOLE = join(dirname(require.resolve("@rollup-vault/console/package.json")), "src");
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
  const bundles = bundled(PAGE, {
    app: "main.ts",
    theme: "theme.ts",
    "app-style": "styles/app.css",
  });
  const icon = readFileSync(join(PAGE, "icon.svg"), "utf8");
  return { ...bundles, "/icon.svg": { contentType: "image/svg+xml", body: icon } };
}

/**
 * `/<name>.js` and `/<name>.css` of a page that operators see.
 * @throws Error saying where the sources are wrong
 */
export function bundleConsole(name: "operations"): Readonly<Record<string, PageFile>> {
  return bundled(CONSOLE, { [name]: `${name}/main.ts`, [`${name}-style`]: `styles/${name}.css` });
}

/** A file of `packages/console/src/` as it is. */
export function consoleFile(name: string): PageFile {
  const body = readFileSync(join(CONSOLE, name), "utf8");
  return { contentType: "text/html; charset=utf-8", body };
}

function bundled(
  absWorkingDir: string,
  entryPoints: Readonly<Record<string, string>>,
): Readonly<Record<string, PageFile>> {
  const { outputFiles } = buildSync({
    absWorkingDir,
    entryPoints,
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
  return Object.fromEntries(
    outputFiles.map(({ path, contents }): [string, PageFile] => {
      const name = path.split(/[\\/]/).at(-1) ?? "";
      const contentType = TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream";
      return [`/${name.replace("-style", "")}`, { contentType, body: contents }];
    }),
  );
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
