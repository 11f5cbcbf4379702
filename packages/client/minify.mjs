/**
 * The published modules: bundled by esbuild, then made small by swc, which also joins what is used
 * once.
 */
import { fileURLToPath } from "node:url";
import { minify } from "@swc/core";
import { build } from "esbuild";
import { bundleOptions } from "./bundle-options.mjs";

/** By entry of the package, the client first: the others import it. */
const ENTRIES = ["vault-client", "account", "fetch", "react"];
/** They see the public client only, so no name of theirs is internal; React's `current` is not. */
const OUTSIDE = ["react"];

/** @typedef {{ readonly code: string, readonly map: string }} Module */

/** @returns {Promise<Readonly<Record<string, Module>>>} by file name; `<entry>.map` is beside it */
export async function minifiedModules() {
  const modules = {};
  // One name for each internal member, in all of them.
  let { mangleCache } = bundleOptions;
  for (const entry of ENTRIES) {
    const name = `${entry}.js`;
    const built = await build({
      ...bundleOptions,
      entryPoints: [fileURLToPath(new URL(`src/${entry}.ts`, import.meta.url))],
      // There is one client, and one class of its errors.
      external: ["./vault-client.js", "react"],
      ...(OUTSIDE.includes(entry) ? { mangleProps: undefined } : { mangleCache }),
      write: false,
      sourcemap: "external",
      outfile: fileURLToPath(new URL(`dist/${name}`, import.meta.url)),
    });
    mangleCache = built.mangleCache ?? mangleCache;
    modules[name] = await minified(name, built.outputFiles);
  }
  return modules;
}

/** React's own: the module is for the browser's side, also where a server renders. */
const DIRECTIVES = { "react.js": '"use client";' };

async function minified(name, files) {
  const textOf = (end) => files.find(({ path }) => path.endsWith(end))?.text ?? "";
  const { code, map } = await minify(textOf(".js"), {
    module: true,
    ecma: 2022,
    mangle: { toplevel: true },
    compress: {
      passes: 4,
      ecma: 2020,
      toplevel: true,
      unsafe_arrows: true,
    },
    sourceMap: { content: textOf(".map"), filename: name },
  });
  return {
    code: `${DIRECTIVES[name] ?? ""}${code}\n//# sourceMappingURL=${name.replace(".js", ".map")}\n`,
    map,
  };
}
