/**
 * `npm run proof:model [-- --quick]` searches the model of the refresh protocol and fails on any
 * unexpected result. It writes docs/reliability/model.json and docs/model/results.md; with
 * `--quick` only to the folder of `--keep`.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { machine } from "../explore/machine";
import { createGate } from "../gate";
import { CASES, type ModelCase } from "./cases";
import { type ModelResult, results } from "./section";
import { type Search, search } from "./spin";

const ROOT = join(__dirname, "../../..");

/** The first line of a tool's version. @throws Error if it is not installed */
function versionOf(tool: string, flag: string): string {
  try {
    return execFileSync(tool, [flag], { encoding: "utf8" }).split("\n")[0] ?? "";
  } catch {
    throw new Error(`${tool} is not installed, and the model needs it: apt-get install spin gcc`);
  }
}

/** Printed as they end, collected in order. */
async function searchAll(cases: readonly ModelCase[]): Promise<readonly (ModelCase & Search)[]> {
  const gate = createGate(availableParallelism());
  let ended = 0;
  const searchOne = async (each: ModelCase) => {
    const found = await gate(async () => await search(each));
    const mark = found.verdict === each.expected ? "ok" : `!! expected ${each.expected}`;
    const numbers = `${String(found.states)} states, ${found.seconds.toFixed(1)} s`;
    ended += 1;
    process.stdout.write(
      `${String(ended)}/${String(cases.length)} ${each.group}, ${each.title}: ${found.verdict} (${numbers}) ${mark}\n`,
    );
    return { ...each, ...found };
  };
  return await Promise.all(cases.map(searchOne));
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
