/**
 * `npm run reliability` runs every verification and writes `docs/reliability.md` from the results.
 * `-- --compose` only writes the document. It names what has not been measured yet.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ExploreResult, section as explore } from "./explore/section";
import { type FaultsResult, section as faults } from "./faults/section";
import { section as kills } from "./kills/section";
import { type ModelResult, section as model } from "./model/section";
import { type MutationResult, section as mutation } from "./mutation/section";
import { wrapProse } from "./prose";
import { type RandomResult, section as random } from "./random/section";
import { section as rounds } from "./rounds/section";
import { section as storm } from "./storm/section";

const ROOT = join(__dirname, "..", "..");
export const DOCUMENT = join(ROOT, "docs", "reliability.md");

interface Proof {
  readonly name: string;
  /** Arguments of the command for a whole run. */
  readonly flags: readonly string[];
  readonly render: (result: unknown) => string;
}

const PROOFS: readonly Proof[] = [
  { name: "explore", flags: [], render: (result) => explore(result as ExploreResult) },
  {
    name: "random",
    flags: ["--runs", "1000000", "--seed", "20261125", "--shards", "2"],
    render: (result) => random(result as RandomResult),
  },
  {
    name: "kills",
    flags: ["--kills", "10000", "--seed", "20261125", "--lanes", "7"],
    render: (result) => kills(result as Parameters<typeof kills>[0]),
  },
  { name: "storm", flags: [], render: (result) => storm(result as Parameters<typeof storm>[0]) },
  { name: "rounds", flags: [], render: (result) => rounds(result as Parameters<typeof rounds>[0]) },
  { name: "faults", flags: [], render: (result) => faults(result as FaultsResult) },
  { name: "model", flags: [], render: (result) => model(result as ModelResult) },
  { name: "mutation", flags: [], render: (result) => mutation(result as MutationResult) },
];

const HEAD = `# Reliability

These measurements show that no refresh token is lost. \`npm run reliability\` writes this page from
\`docs/reliability/*.json\`. The promises are in [architecture.md](architecture.md); S, I, K and A numbers are defined in
[security-requirements.md](security-requirements.md).
`;

/** Composes the document from `docs/reliability/`. */
export function compose(): string {
  const sections = PROOFS.map(({ name, render }) => {
    const file = join(ROOT, "docs", "reliability", `${name}.json`);
    return existsSync(file)
      ? render(JSON.parse(readFileSync(file, "utf8"))).trim()
      : `## Not measured yet: ${name}\n\n\`npm run proof:${name}\` writes it.`;
  });
  return `${wrapProse([HEAD.trim(), ...sections].join("\n\n"))}\n`;
}

function main(): void {
  if (!process.argv.includes("--compose")) {
    for (const { name, flags } of PROOFS) {
      process.stderr.write(`== ${name}\n`);
      const { status } = spawnSync("npm", ["run", "-s", `proof:${name}`, "--", ...flags], {
        cwd: ROOT,
        stdio: "inherit",
      });
      process.exitCode = status === 0 ? process.exitCode : 1;
    }
  }
  writeFileSync(DOCUMENT, compose());
}

if (require.main === module) {
  main();
}
