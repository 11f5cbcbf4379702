/**
 * What is measured beside the product, and the Nodes that all of it runs on. They are packages of
 * `peers/`, installed at the first run: 540 MB that nobody needs for anything else.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "./progress";

export const PEERS = join(__dirname, "peers");

/** The last one is what a deployed function runs on. */
export const MAJORS = ["20", "22", "24"] as const;

export type Major = (typeof MAJORS)[number];

export type Nodes = Readonly<Record<Major, { readonly path: string; readonly version: string }>>;

/** @throws Error where the registry cannot be reached, or has no Node for this system */
export function installPeers(progress: Progress): Nodes {
  const lock = readFileSync(join(PEERS, "package-lock.json"), "utf8");
  const mark = join(PEERS, "node_modules", ".bench-lock.json");
  if (!existsSync(mark) || readFileSync(mark, "utf8") !== lock) {
    progress.note("installing the peers (540 MB, once)");
    const args = ["ci", "--prefix", PEERS, "--ignore-scripts", "--no-audit", "--no-fund"];
    execFileSync("npm", args, { stdio: ["ignore", "ignore", "inherit"] });
    writeFileSync(mark, lock);
  }
  return Object.fromEntries(MAJORS.map((major) => [major, nodeOf(major)])) as Nodes;
}

function nodeOf(major: Major): Nodes[Major] {
  const name = `node-${major}-${process.platform}-${process.arch}`;
  const path = join(PEERS, "node_modules", name, "bin", "node");
  if (!existsSync(path)) {
    throw new Error(
      `peers/package.json has no Node ${major} for ${process.platform} ${process.arch}`,
    );
  }
  return { path, version: execFileSync(path, ["--version"], { encoding: "utf8" }).trim().slice(1) };
}
