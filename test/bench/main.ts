/**
 * `npm run bench [-- PARTS] [--check] [--rounds N] [--long]`: every figure beside its peer and its
 * floor. Writes `results/`, and from there docs/performance.md and the README's table.
 */
import { Argument, program } from "commander";
import type { Bench } from "./bench";
import { BUDGETS } from "./budgets";
import { writeDocuments } from "./document";
import { describeMachine } from "./machine";
import { installPeers } from "./nodes";
import { measureCheck } from "./parts/check";
import { measureCold } from "./parts/cold";
import { measureGrowth } from "./parts/growth";
import { measureStart } from "./parts/start";
import { measureToken } from "./parts/token";
import { measureWarm } from "./parts/warm";
import { createProgress } from "./progress";
import { checkLines, rowLines } from "./report";
import { type PartName, type PartResult, PARTS, readResults, writeResult } from "./results";
import { judgeAll } from "./verdict";
import { wholeNumberFrom } from "./whole-number";

type Measure = (bench: Bench) => Promise<Pick<PartResult, "rounds" | "rows">>;

const MEASURES: Readonly<Record<PartName, Measure>> = {
  check: measureCheck,
  cold: measureCold,
  warm: measureWarm,
  token: measureToken,
  growth: measureGrowth,
  start: measureStart,
};

interface Options {
  readonly check?: true;
  readonly rounds?: number;
  readonly long?: true;
  readonly documents?: true;
}

async function run(parts: readonly PartName[], options: Options): Promise<void> {
  const chosen = parts.length === 0 ? PARTS : parts;
  if (options.documents !== true) {
    await measure(chosen, options);
  }
  const results = readResults();
  writeDocuments(results);
  const judged = judgeAll(
    BUDGETS.filter(({ part }) => chosen.includes(part)),
    results,
  );
  print(checkLines(judged));
  if (options.check === true && judged.some(({ verdict }) => verdict === "missed")) {
    process.exitCode = 1;
  }
}

async function measure(parts: readonly PartName[], options: Options): Promise<void> {
  const progress = createProgress();
  const nodes = installPeers(progress);
  const bench: Bench = {
    nodes,
    progress,
    isLong: options.long === true,
    ...(options.rounds !== undefined && { rounds: options.rounds }),
  };
  for (const part of parts) {
    const machine = describeMachine(nodes);
    const measured = await MEASURES[part](bench);
    writeResult(part, { machine, ...measured });
    print(rowLines(part, measured.rows));
  }
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n\n`);
}

process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

program
  .name("npm run bench --")
  .description("What this project costs beside its peers and its floors")
  .addArgument(new Argument("[parts...]", "those parts alone").choices([...PARTS]))
  .option("--check", "exit code 1 where a budget is missed by more than its noise")
  .option("--rounds <number>", "of each part that is timed", wholeNumberFrom(1))
  .option("--long", "also what takes long: a million users, and the whole test run")
  .option("--documents", "write the documents from the results that are there, and measure nothing")
  .action(run);

void program.parseAsync();
