/**
 * `npm run client:build`: packages/client/dist as it is published, minified modules and their
 * types.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { minifiedModules } from "./minify.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url));
const dist = `${folder}dist`;

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
for (const [name, { code, map }] of Object.entries(await minifiedModules())) {
  writeFileSync(`${dist}/${name}`, code);
  writeFileSync(`${dist}/${name.replace(".js", ".map")}`, map);
}
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
