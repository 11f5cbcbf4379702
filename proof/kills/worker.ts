/** One provider's share of a run, in a process of its own: writes each result as a line into the state file. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { planCases } from "./plan";
import type { CaseResult } from "./case";
import { CALLERS } from "./points";
import type { ProviderName } from "./providers/provider";
import { runCases } from "./run";
import { startKillWorld, type KillWorld } from "./world";

export interface WorkerOptions {
  readonly provider: ProviderName;
  readonly kills: number;
  readonly seed: number;
  readonly lanes: number;
  /** Only the cases with the most callers; else only the others. */
  readonly areCrowds: boolean;
  /** Epoch milliseconds: no case begins after this. */
  readonly until?: number | undefined;
  readonly stateFile: string;
}

/** Below the template's reserved concurrency, so that fresh callers find a process. */
const CALLERS_AT_ONCE = 32;
const CONCURRENCY = 40;
const CROWD = Math.max(...CALLERS);

export function readResults(stateFile: string): CaseResult[] {
  if (!existsSync(stateFile)) {
    return [];
  }
  const lines = readFileSync(stateFile, "utf8").split("\n");
  // The last line may be half of one.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as CaseResult);
}

/** Where there is one, the function that spends tokens is told of its queue. */
function hasWatchdog({ stack }: KillWorld): boolean {
  const spender = stack.deployment.functions.find(({ label }) => label === "AccessToken");
  return Object.keys(spender?.environment ?? {}).some((name) => name.includes("QUEUE"));
}

async function main(options: WorkerOptions): Promise<void> {
  process.stdin.on("close", () => process.exit(1)).resume();
  process.on("SIGINT", () => undefined);
  const { provider, kills, seed, lanes, until, areCrowds, stateFile } = options;
  const world = await startKillWorld({ provider, concurrency: CONCURRENCY, engine: engineHere() });
  const done = new Set(readResults(stateFile).map(({ index }) => index));
  const cases = planCases({ provider, kills, seed, hasWatchdog: hasWatchdog(world) });
  await runCases(world, {
    cases: cases.filter(
      ({ index, callers }) => !done.has(index) && (callers === CROWD) === areCrowds,
    ),
    ...{ lanes, until, callersAtOnce: CALLERS_AT_ONCE },
    onResult: (result) => {
      appendFileSync(stateFile, `${JSON.stringify(result)}\n`);
    },
  });
  await world.close();
  process.exit(0);
}

/** The native one where there is one: it leaves more of the machine to the functions. */
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
