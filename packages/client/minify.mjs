/**
 * The published module: bundled by esbuild, then made small by swc, which also joins what is used
 * once.
 */
import { fileURLToPath } from "node:url";
import { minify } from "@swc/core";
import { build } from "esbuild";
import { bundleOptions } from "./bundle-options.mjs";

const NAME = "vault-client.js";

/** @returns {Promise<{ code: string, map: string }>} */
export async function minifiedClient() {
  const { outputFiles } = await build({
    ...bundleOptions,
    write: false,
    sourcemap: "external",
    outfile: fileURLToPath(new URL(`dist/${NAME}`, import.meta.url)),
  });
  const textOf = (end) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
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
    sourceMap: { content: textOf(".map"), filename: NAME },
  });
  return { code: `${code}\n//# sourceMappingURL=${NAME}.map\n`, map };
}
