/** Where and with what something was measured, so that nobody takes it for another machine's. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { ROOT } from "../support/imports";
import { type Nodes, PEERS } from "./nodes";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  /** Of the last minute, when the part began. */
  readonly load: number;
  /** By major version: the whole version. */
  readonly nodes: Readonly<Record<string, string>>;
  readonly date: string;
  readonly commit: string;
  readonly packages: Readonly<Record<string, string>>;
}

const SHOWN = [
  "@aws-lambda-powertools/logger",
  "@middy/core",
  "zod",
  "fast-jwt",
  "jsonwebtoken",
  "aws-jwt-verify",
  "jose",
  "@aws-sdk/client-dynamodb",
];

export function describeMachine(nodes: Nodes): Machine {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([major, { version }]) => [major, version]),
    ),
    date: new Date().toISOString().slice(0, 10),
    commit: commitOf(),
    packages: Object.fromEntries(SHOWN.map((name) => [name, versionOf(name)])),
  };
}

/** With a `+` where the working tree has more than the commit. */
function commitOf(): string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" });
  try {
    const isChanged =
      git("status", "--porcelain", "--", "lambda", "lib", "package-lock.json") !== "";
    return `${git("rev-parse", "--short=12", "HEAD").trim()}${isChanged ? "+" : ""}`;
  } catch {
    return "unknown";
  }
}

/** The peers have their own versions; all others are the product's. */
function versionOf(name: string): string {
  for (const folder of [PEERS, ROOT]) {
    try {
      const file = join(folder, "node_modules", name, "package.json");
      return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version;
    } catch {
      // It is in the other one.
    }
  }
  return "unknown";
}
