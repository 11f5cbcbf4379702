/**
 * `npm run client:build`: packages/client/dist as it is published, one minified module and its
 * types.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { minifiedClient } from "./minify.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url));
const dist = `${folder}dist`;

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const { code, map } = await minifiedClient();
writeFileSync(`${dist}/vault-client.js`, code);
writeFileSync(`${dist}/vault-client.js.map`, map);
execFileSync(
  process.execPath,
  [
    `${folder}../../node_modules/typescript-7/bin/tsc`,
    "-p",
    folder,
    "--noEmit",
    "false",
    "--declaration",
    "--emitDeclarationOnly",
    "--rootDir",
    `${folder}src`,
    "--outDir",
    dist,
  ],
  { stdio: "inherit" },
);
