/** The files of the pages that people of this machine see, bundled in memory at every start. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";

export interface BrowserFile {
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** @default not to be kept */
  readonly cacheControl?: string;
}

export type BrowserFiles = Readonly<Record<string, BrowserFile>>;

const CONSOLE = join(dirname(require.resolve("@rollup-vault/console/package.json")), "src");
/** Sources of the app's page. */
export const PAGE = join(dirname(require.resolve("@rollup-vault/page/package.json")), "src");

/** The font is the page's own dependency. */
const FONT_LICENCE = createRequire(join(PAGE, "main.ts")).resolve(
  "@fontsource-variable/inter/LICENSE",
);

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  woff2: "font/woff2",
};

/** For what has another name as soon as it has another content. */
const FOR_EVER = "public, max-age=31536000, immutable";

/**
 * By path. `<name>-style` is `/<name>.css`.
 * @throws Error saying where the sources are wrong
 */
export function bundled(
  absWorkingDir: string,
  entryPoints: Readonly<Record<string, string>>,
): BrowserFiles {
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
    outputFiles.map(({ path, contents }): [string, BrowserFile] => {
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
 * `/<name>.js` and `/<name>.css` of a page that operators see, and the font that it uses.
 * @throws Error saying where the sources are wrong
 */
export function consoleFiles(name: "operations" | "operator"): BrowserFiles {
  return bundled(CONSOLE, { [name]: `${name}/main.ts`, [`${name}-style`]: `styles/${name}.css` });
}

/** A file of `packages/console/src/`, its `{{names}}` filled. */
export function consolePage(
  file: "page.html" | "runbook.html",
  values: Readonly<Record<string, string>>,
): BrowserFile {
  const template = readFileSync(join(CONSOLE, file), "utf8");
  const body = template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? "");
  return { contentType: "text/html; charset=utf-8", body };
}

/** What each page needs beside its own files: choice of colours, icon, licence of the font. */
export function sharedFiles(): BrowserFiles {
  return {
    ...bundled(PAGE, { theme: "theme.ts" }),
    "/icon.svg": {
      contentType: "image/svg+xml",
      body: readFileSync(join(PAGE, "icon.svg"), "utf8"),
    },
    "/inter-license.txt": {
      contentType: "text/plain; charset=utf-8",
      body: readFileSync(FONT_LICENCE, "utf8"),
    },
  };
}
