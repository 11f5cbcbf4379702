/**
 * V8's code cache beside each bundle, for a stage that names the Node that its functions run on
 * (decision 0056).
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import { BUNDLE } from "../lambda/code-cache/format";
import type { Stage } from "./stage";

/** Has the path of the Node that functions run on, where that is not the one that synthesizes. */
export const NODE_VARIABLE = "CODE_CACHE_NODE";

const ENTRIES = join(__dirname, "..", "lambda", "code-cache");
/** Node's name of each architecture of a stage. */
const ARCH = { arm64: "arm64", x86_64: "x64" } as const;

export interface DeployedNode {
  readonly path: string;
  readonly flags: readonly string[];
  /** Version, system, processor and flags: what a cache is for. */
  readonly name: string;
}

/**
 * @returns undefined for a stage without code caches
 * @throws Error with one sentence: there is no such Node here
 */
export function findDeployedNode(
  { codeCache, architecture = "arm64" }: Pick<Stage, "codeCache" | "architecture">,
  environment: NodeJS.ProcessEnv = process.env,
): DeployedNode | undefined {
  if (codeCache === undefined) {
    return undefined;
  }
  const { nodeVersion, nodeFlags = ["--expose-gc"] } = codeCache;
  const wanted = `Node ${nodeVersion} for linux ${ARCH[architecture]}`;
  const path = environment[NODE_VARIABLE] ?? process.execPath;
  const found = nameOf(path);
  if (found !== wanted) {
    throw new Error(
      `stage file: "codeCache" needs ${wanted}, and ${path} is ${found ?? "no Node"}: put ` +
        `the path of such a Node into the variable ${NODE_VARIABLE}, or leave codeCache out`,
    );
  }
  return { path, flags: nodeFlags, name: [found, ...nodeFlags].join(" ") };
}

function nameOf(path: string): string | undefined {
  const script = "`Node ${process.version.slice(1)} for ${process.platform} ${process.arch}`";
  try {
    return execFileSync(path, ["-p", script], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return undefined;
  }
}

/**
 * Puts loader and cache into folders that have a bundle as `index.js`.
 * @returns for each folder what its code is made of. A cache has other bytes each time that it is
 * made, so the files themselves would be a change at each deployment.
 */
export async function addCodeCaches(
  folders: readonly string[],
  node: DeployedNode,
  toolFolder: string,
): Promise<ReadonlyMap<string, string>> {
  const entryPoints = ["entry", "make"].map((name) => join(ENTRIES, `${name}.ts`));
  await build({ ...OPTIONS, entryPoints, outdir: toolFolder });
  for (const folder of folders) {
    renameSync(join(folder, "index.js"), join(folder, BUNDLE));
    copyFileSync(join(toolFolder, "entry.js"), join(folder, "index.js"));
  }
  for (const task of ["make", "judge"]) {
    const args = [...node.flags, join(toolFolder, "make.js"), task, ...folders];
    execFileSync(node.path, args, { stdio: "pipe" });
  }
  return new Map(folders.map((folder) => [folder, madeOf(folder, node)]));
}

const OPTIONS: BuildOptions = {
  bundle: true,
  minify: true,
  platform: "node",
  target: "node20",
  format: "cjs",
};

function madeOf(folder: string, { name }: DeployedNode): string {
  const hash = createHash("sha256").update(name);
  for (const file of ["index.js", BUNDLE]) {
    hash.update(readFileSync(join(folder, file)));
  }
  return hash.digest("hex");
}
