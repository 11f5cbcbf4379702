/** `npm run client:build`: client/dist as it is published, one minified module and its types. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleOptions } from "./bundle-options.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url));
const dist = `${folder}dist`;

rmSync(dist, { recursive: true, force: true });
await build({ ...bundleOptions, sourcemap: true, outfile: `${dist}/vault-client.js` });
execFileSync(
  process.execPath,
  [
    `${folder}../node_modules/typescript-7/bin/tsc`,
    ...["-p", folder, "--noEmit", "false", "--declaration", "--emitDeclarationOnly"],
    ...["--rootDir", `${folder}src`, "--outDir", dist],
  ],
  { stdio: "inherit" },
);
