/** The page's scripts and styles, bundled in memory at every start: there is no build to forget. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import type { PageFile } from "./page-server";

const CONSOLE = join(dirname(require.resolve("@rollup-vault/console/package.json")), "src");
const PAGE = join(dirname(require.resolve("@rollup-vault/page/package.json")), "src");

/** The page's own dependency. */
const LICENCE = createRequire(join(PAGE, "main.ts")).resolve("@fontsource-variable/inter/LICENSE");

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  woff2: "font/woff2",
};

/** For what has another name as soon as it has another content. */
const FOR_EVER = "public, max-age=31536000, immutable";

/**
 * Scripts and styles of the app and of the API's page, `/icon.svg`, the font, whose name has its
 * hash, and the font's licence.
 * @throws Error saying where the sources are wrong
 */
export function bundlePage(): Readonly<Record<string, PageFile>> {
  const bundles = bundled(PAGE, {
    app: "main.ts",
    docs: "docs/main.ts",
    theme: "theme.ts",
    "app-style": "styles/app.css",
    "docs-style": "styles/docs.css",
  });
  const icon = readFileSync(join(PAGE, "icon.svg"), "utf8");
  const licence = readFileSync(LICENCE, "utf8");
  return {
    ...bundles,
    "/icon.svg": { contentType: "image/svg+xml", body: icon },
    "/inter-license.txt": { contentType: "text/plain; charset=utf-8", body: licence },
  };
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
    loader: { ".woff2": "file" },
    publicPath: "/",
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
      const ending = name.split(".").at(-1) ?? "";
      const contentType = TYPES[ending] ?? "application/octet-stream";
      const cacheControl = ending === "woff2" ? { cacheControl: FOR_EVER } : {};
      const file = { contentType, body: contents, ...cacheControl };
      return [`/${name.replace("-style", "")}`, file];
    }),
  );
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
