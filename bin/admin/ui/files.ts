/** The operator's screen itself, bundled in memory at every start. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";

export interface ScreenFile {
  readonly type: string;
  readonly body: string | Uint8Array;
}

const CONSOLE = join(dirname(require.resolve("@rollup-vault/console/package.json")), "src");
const PAGE = join(dirname(require.resolve("@rollup-vault/page/package.json")), "src");

/** By path. @throws Error saying where the sources are wrong */
export function screenFiles(): Readonly<Record<string, ScreenFile>> {
  const { outputFiles } = buildSync({
    absWorkingDir: CONSOLE,
    entryPoints: {
      operator: "operator/main.ts",
      "operator-style": "styles/operator.css",
      theme: join(PAGE, "theme.ts"),
    },
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
  const bundles = outputFiles.map(({ path, contents }): [string, ScreenFile] => {
    const isStyle = path.endsWith(".css");
    const name = (path.split(/[\\/]/).at(-1) ?? "").replace("-style", "");
    const type = isStyle ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
    return [`/${name}`, { type, body: contents }];
  });
  return {
    ...Object.fromEntries(bundles),
    "/": {
      type: "text/html; charset=utf-8",
      body: readFileSync(join(CONSOLE, "operator.html"), "utf8"),
    },
    "/icon.svg": { type: "image/svg+xml", body: readFileSync(join(PAGE, "icon.svg"), "utf8") },
  };
}
