/**
 * Runs one provider's share in a process of its own, and appends each result as a line to the state
 * file.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { CaseResult } from "./case";
import { casesLeft, type Part, type PlanOptions } from "./plan";
import { runCases } from "./run";
import { startKillWorld } from "./world";

export interface WorkerOptions extends PlanOptions {
  readonly part: Part;
  readonly lanes: number;
  /** Epoch milliseconds; no case begins after this. */
  readonly until?: number | undefined;
  readonly stateFile: string;
}

/** Below the template's reserved concurrency, so that fresh callers get a process. */
const CALLERS_AT_ONCE = 32;
const CONCURRENCY = 40;

/** The newest result of each case. */
export function readResults(stateFile: string): CaseResult[] {
  if (!existsSync(stateFile)) {
    return [];
  }
  const lines = readFileSync(stateFile, "utf8").split("\n");
  // The last line may be incomplete.
  const results = lines.slice(0, -1).map((line) => JSON.parse(line) as CaseResult);
  return [...new Map(results.map((result) => [result.index, result])).values()];
}

async function main(options: WorkerOptions): Promise<void> {
  process.stdin.on("close", () => process.exit(1)).resume();
  process.on("SIGINT", () => undefined);
  const { provider, lanes, until, stateFile } = options;
  const world = await startKillWorld({ provider, concurrency: CONCURRENCY, engine: engineHere() });
  const played = readResults(stateFile);
  await runCases(world, {
    cases: casesLeft(options, played),
    lanes,
    until,
    callersAtOnce: CALLERS_AT_ONCE,
    onResult: (result) => {
      const late = played.find(({ index }) => index === result.index);
      const kept = { ...result, lateAmongOthersMs: late?.usableAfterMs };
      appendFileSync(stateFile, `${JSON.stringify(kept)}\n`);
    },
  });
  await world.close();
  process.exit(0);
}

/** The native engine if there is one: it leaves more of the machine to the functions. */
function engineHere(): "dynalite" | "dynoxide" {
  try {
    require.resolve("@dynoxide/linux-x64/dynoxide");
    return "dynoxide";
  } catch {
    return "dynalite";
  }
}

const [argument] = process.argv.slice(2);
if (require.main === module && argument !== undefined) {
  main(JSON.parse(argument) as WorkerOptions).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
    process.exit(1);
  });
}
