/**
 * `npm run bench:cold-load`: how long a fresh process takes to load each function's bundle, and
 * what the contract adds to the function that serves it. Node's own start is not counted, since no
 * function can change it. Milliseconds; a quiet machine is needed for numbers worth keeping.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FunctionSpec } from "@rollup-vault/local-aws/runtime/function-spec";
import { build, type Plugin } from "esbuild";
import { bundleOptions } from "../../lib/bundling";
import { startStack } from "../../local/stack";

const PROCESSES = 41;
const KB = 1_000;

interface Bundle {
  readonly name: string;
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

const LOAD = `const begunAt = process.hrtime.bigint(); require(process.argv[1]);
console.log(Number(process.hrtime.bigint() - begunAt) / 1e6)`;

function load({ file, environment }: Bundle): number {
  const env = { ...process.env, AWS_REGION: "eu-central-1", ...environment };
  return Number(execFileSync(process.execPath, ["-e", LOAD, file], { env, encoding: "utf8" }));
}

/** In turns, so that whatever else the machine does is shared fairly. */
function measure(bundles: readonly Bundle[]): ReadonlyMap<Bundle, readonly number[]> {
  const times = new Map(bundles.map((bundle) => [bundle, [] as number[]]));
  for (let round = 1; round <= PROCESSES; round += 1) {
    process.stderr.write(`\r${String(round)} of ${String(PROCESSES)} rounds`);
    for (const [bundle, all] of times) {
      all.push(load(bundle));
    }
  }
  process.stderr.write("\n");
  return times;
}

const WITHOUT_CONTRACT: Plugin = {
  name: "without the contract",
  setup: (building) => {
    building.onLoad({ filter: /openapi-text\.ts$/ }, () => ({
      contents: 'export const OPENAPI_TEXT = "{}"; export const OPENAPI_ETAG = "";',
      loader: "ts",
    }));
  },
};

async function buildHealthWithout(folder: string): Promise<string> {
  const options = bundleOptions("secret", ["health"]);
  await build({ ...options, plugins: [...options.plugins, WITHOUT_CONTRACT], outdir: folder });
  return join(folder, "health", "index.js");
}

function bundleOf({ label, codeFolder, environment }: FunctionSpec): Bundle {
  return { name: label, file: join(codeFolder, "index.js"), environment };
}

function report(times: ReadonlyMap<Bundle, readonly number[]>): void {
  process.stdout.write("best, median, 90th percentile (ms)\n");
  for (const [{ name, file }, all] of times) {
    const sorted = [...all].sort((one, other) => one - other);
    const at = (share: number) => (sorted[Math.floor(share * (PROCESSES - 1))] ?? NaN).toFixed(1);
    const size = Math.round(statSync(file).size / KB);
    const numbers = [at(0), at(0.5), at(0.9)].map((each) => each.padStart(7)).join(" ");
    process.stdout.write(`${numbers}  ${name} (${String(size)} KB)\n`);
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "rollup-vault-bench-"));
  const stack = await startStack({ port: 0, issuerPort: 0 });
  try {
    const bundles = stack.deployment.functions.map(bundleOf);
    const health = bundles.find(({ name }) => name === "Health");
    const file = await buildHealthWithout(folder);
    const environment = health?.environment ?? {};
    report(measure([...bundles, { name: "Health without the contract", file, environment }]));
  } finally {
    await stack.close();
    rmSync(folder, { recursive: true });
  }
}

void main();
