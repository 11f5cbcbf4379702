/**
 * `npm run proof:model [-- --quick]`: searches the model of the refresh protocol, and fails where anything differs from what is expected.
 * The results are written to docs/reliability/model.json and docs/model/results.md; with `--quick` only where `--keep` says so.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { machine } from "../explore/machine";
import { CASES, type ModelCase } from "./cases";
import { results, type ModelResult } from "./section";
import { search, type Search } from "./spin";

const ROOT = join(__dirname, "../..");

/** First line of what a tool says about itself. @throws where it is not installed */
function versionOf(tool: string, flag: string): string {
  try {
    return execFileSync(tool, [flag], { encoding: "utf8" }).split("\n")[0] ?? "";
  } catch {
    throw new Error(`${tool} is not installed, and the model needs it: apt-get install spin gcc`);
  }
}

async function searchAll(cases: readonly ModelCase[]): Promise<readonly (ModelCase & Search)[]> {
  const searches: (ModelCase & Search)[] = [];
  for (const each of cases) {
    const found = await search(each);
    const mark = found.verdict === each.expected ? "ok" : `!! expected ${each.expected}`;
    const numbers = `${String(found.states)} states, ${found.seconds.toFixed(1)} s`;
    process.stdout.write(
      `${String(searches.length + 1)}/${String(cases.length)} ${each.group}, ${each.title}: ${found.verdict} (${numbers}) ${mark}\n`,
    );
    searches.push({ ...each, ...found });
  }
  return searches;
}

function keep(result: ModelResult): void {
  mkdirSync(join(ROOT, "docs/reliability"), { recursive: true });
  writeFileSync(
    join(ROOT, "docs/reliability/model.json"),
    `${JSON.stringify(result, undefined, 2)}\n`,
  );
  writeFileSync(join(ROOT, "docs/model/results.md"), results(result));
}

async function main(): Promise<void> {
  const isQuick = process.argv.includes("--quick");
  const versions = { spin: versionOf("spin", "-V"), gcc: versionOf("gcc", "--version") };
  const started = Date.now();
  const searches = await searchAll(CASES.filter((each) => !isQuick || each.isQuick === true));
  const seconds = (Date.now() - started) / 1000;
  if (!isQuick || process.argv.includes("--keep")) {
    keep({ ...machine(), versions, seconds, searches });
  }
  const wrong = searches.filter(({ verdict, expected }) => verdict !== expected);
  process.stdout.write(
    `${String(searches.length - wrong.length)} as expected, ${String(wrong.length)} not, ${seconds.toFixed(0)} s\n`,
  );
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

void main();
