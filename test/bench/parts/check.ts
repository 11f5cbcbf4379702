/** What the check of an ID token costs, beside a bare `crypto.verify` and beside other packages. */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { bundleOptions } from "../../../lib/bundling";
import { CASES, type CheckReport, type CheckTask } from "../bed/check-task";
import { report } from "../bed/child";
import type { Bench } from "../bench";
import { MAJORS, PEERS } from "../nodes";
import { compared, type Row } from "../results";

/** Another process has other luck with memory and with the compiler. */
const PROCESSES = 3;
const ROUNDS = 21;

function packages(): CheckTask["packages"] {
  const own = createRequire(__filename);
  const peers = createRequire(join(PEERS, "package.json"));
  return {
    "aws-jwt-verify": own.resolve("aws-jwt-verify"),
    jose: own.resolve("jose"),
    jsonwebtoken: peers.resolve("jsonwebtoken"),
    "fast-jwt": peers.resolve("fast-jwt"),
  };
}

async function buildChild(outdir: string): Promise<string> {
  const child = { in: join(__dirname, "..", "bed", "check-child.ts"), out: "check" };
  await build({ ...bundleOptions("secret", []), entryPoints: [child], outdir });
  return join(outdir, "check.js");
}

export async function measureCheck({ nodes, progress, rounds = ROUNDS }: Bench) {
  const folder = mkdtempSync(join(tmpdir(), "rollup-vault-bench-"));
  try {
    const child = await buildChild(folder);
    const inEach = Math.ceil(rounds / PROCESSES);
    const task: CheckTask = { rounds: inEach, packages: packages() };
    const reports = new Map<string, CheckReport[]>(MAJORS.map((major) => [major, []]));
    for (let turn = 0; turn < PROCESSES; turn += 1) {
      for (const [at, major] of MAJORS.entries()) {
        const { path } = nodes[major];
        reports.get(major)?.push(await report(path, [child, JSON.stringify(task)], {}));
        progress.step("check", turn * MAJORS.length + at + 1, PROCESSES * MAJORS.length);
      }
    }
    return { rounds: inEach * PROCESSES, rows: rowsOf(reports) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function rowsOf(reports: ReadonlyMap<string, readonly CheckReport[]>): readonly Row[] {
  return [...reports].flatMap(([node, all]) =>
    CASES.flatMap((name) => {
      const candidates = Object.keys(all[0]?.[name] ?? {});
      return compared(
        { name, node },
        candidates.map((candidate) => ({
          candidate,
          rounds: { cpuUs: all.flatMap((one) => one[name][candidate] ?? []) },
        })),
      );
    }),
  );
}
