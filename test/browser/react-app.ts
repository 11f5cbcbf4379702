/** Apps in React around the client as it is published, bundled as their developers would. */
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { clientFiles, type Files } from "./support";

const ROOT = join(__dirname, "..", "..");
const PUBLISHED = "published";

/**
 * `rollup-vault-client` and its entries as they are published; `replaced` by the end of the path.
 */
function published(client: Files, replaced: Readonly<Record<string, (text: string) => string>>) {
  const plugin: Plugin = {
    name: PUBLISHED,
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^rollup-vault-client/ }, ({ path }) => {
        const [, entry = "vault-client"] = path.split("/");
        return { path: `/${entry}.js`, namespace: PUBLISHED };
      });
      onResolve({ filter: /^\.\//, namespace: PUBLISHED }, ({ path }) => ({
        path: path.slice(1),
        namespace: PUBLISHED,
      }));
      onLoad({ filter: /.*/, namespace: PUBLISHED }, ({ path }) => ({
        contents: client[path]?.[1] ?? "",
        resolveDir: ROOT,
      }));
      onLoad({ filter: /examples\/.*\.tsx?$/ }, async ({ path }) => {
        const { readFile } = await import("node:fs/promises");
        const text = await readFile(path, "utf8");
        const [, change] = Object.entries(replaced).find(([end]) => path.endsWith(end)) ?? [];
        return { contents: change?.(text) ?? text, loader: path.endsWith("x") ? "tsx" : "ts" };
      });
    },
  };
  return plugin;
}

/**
 * @param contents a module in TSX that imports from the root of the checkout
 * @param more what an app's own bundler would find elsewhere, by name: TSX, too
 * @param replaced changes a file of `examples/`, by the end of its path: addresses, nothing else
 */
export async function bundleApp(
  contents: string,
  more: Readonly<Record<string, string>> = {},
  replaced: Readonly<Record<string, (text: string) => string>> = {},
): Promise<string> {
  const stand: Plugin = {
    name: "more",
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /.*/ }, ({ path }) =>
        path in more ? { path, namespace: "more" } : undefined,
      );
      onLoad({ filter: /.*/, namespace: "more" }, ({ path }) => ({
        contents: more[path] ?? "",
        loader: "tsx",
        resolveDir: ROOT,
      }));
    },
  };
  const { outputFiles } = await build({
    stdin: { contents, loader: "tsx", resolveDir: ROOT },
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    // With React's own warnings, of hydration, too.
    define: { "process.env.NODE_ENV": '"development"', "process.env": "{}" },
    // What a recipe imports is here, whatever `examples/` has installed.
    nodePaths: [join(ROOT, "node_modules")],
    tsconfigRaw: {},
    plugins: [stand, published(await clientFiles(), replaced)],
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}
