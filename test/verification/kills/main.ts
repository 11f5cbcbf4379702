/**
 * `npm run proof:kills -- --kills 10000 --seed 1 [--resume] [--minutes 20]` runs one process per
 * provider and writes docs/reliability/kills.json.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { casesLeft, type Part } from "./plan";
import { PROVIDER_NAMES, type ProviderName } from "./providers/provider";
import { GRACE_SECONDS } from "./providers/rollup-id";
import {
  collectCells,
  collectLate,
  collectViolations,
  describeRun,
  type KillsResult,
  type ResultsByProvider,
  writeJson,
} from "./results";
import { readResults, type WorkerOptions } from "./worker";

const ROOT = join(__dirname, "..", "..", "..");
const RESULT_FILE = join(ROOT, "docs", "reliability", "kills.json");
const WORKER = join(__dirname, "worker.ts");
const PROGRESS_MS = 5_000;
/**
 * A folder in memory for the store, if there is one: a disk that stalls for five seconds would be
 * an outage of the store, not a kill.
 */
const MEMORY = "/dev/shm";

interface Run {
  readonly kills: number;
  readonly seed: number;
  readonly lanes: number;
  readonly folder: string;
  readonly output: string;
  readonly until: number | undefined;
}

async function main(): Promise<number> {
  const { run, isResumed } = readArguments();
  if (!isResumed) {
    rmSync(run.folder, { recursive: true, force: true });
  }
  mkdirSync(run.folder, { recursive: true });
  const before = readSeconds(run);
  const startedAt = Date.now();
  const isWhole = await Promise.race([workAll(run), showProgress(run, startedAt)]);
  const seconds = before + (Date.now() - startedAt) / 1_000;
  writeFileSync(join(run.folder, "seconds"), String(seconds));
  if (isWhole !== true) {
    process.stderr.write("\na part of the run ended early; go on with --resume\n");
    return 1;
  }
  const result = compose(run, seconds);
  writeJson(run.output, result);
  process.stdout.write(`\n${progressOf(readAll(run), run, startedAt)}\n${run.output}\n`);
  for (const { provider, case: text } of result.violations.slice(0, 20)) {
    process.stdout.write(`NOT ALLOWED ${provider} ${text}\n`);
  }
  return result.violations.length === 0 ? 0 : 1;
}

/**
 * Crowds come last and one by one: sixty-four callers keep this machine busy for seconds, which
 * would distort the times of other cases. A case that was late beside others is repeated alone;
 * late again, it fails.
 */
async function workAll(run: Run): Promise<boolean> {
  const isWhole = (await work(run, "small")) && (await work(run, "crowds"));
  return isWhole && (await repeatLate(run));
}

/** Whether every worker finished. */
async function work(run: Run, part: Part): Promise<boolean> {
  const workers = sharesOf(run, part).map((share) => startWorker(run, share));
  const codes = await Promise.all(workers.map(async (worker) => await ending(worker)));
  return codes.every((code) => code === 0);
}

async function repeatLate(run: Run): Promise<boolean> {
  for (const share of sharesOf(run, "late")) {
    if ((await ending(startWorker(run, share))) !== 0) {
      return false;
    }
  }
  return true;
}

type Share = Pick<WorkerOptions, "provider" | "kills" | "seed" | "part">;

/** The providers with work left in this part. */
function sharesOf(run: Run, part: Part): Share[] {
  const { kills, seed } = run;
  return PROVIDER_NAMES.map((provider) => ({ provider, kills, seed, part })).filter(
    (share) => casesLeft(share, readResults(stateFile(run, share.provider))).length > 0,
  );
}

function readArguments(): { readonly run: Run; readonly isResumed: boolean } {
  const { values } = parseArgs({
    options: {
      kills: { type: "string", default: "10000" },
      seed: { type: "string", default: "1" },
      lanes: { type: "string", default: "7" },
      minutes: { type: "string" },
      output: { type: "string", default: RESULT_FILE },
      resume: { type: "boolean", default: false },
    },
  });
  const [kills, seed, lanes] = [values.kills, values.seed, values.lanes].map(Number);
  if (![kills, seed, lanes].every((value) => Number.isSafeInteger(value))) {
    throw new Error("--kills, --seed and --lanes are whole numbers");
  }
  const folder = join(ROOT, ".local", "proof", `kills-${values.kills}-${values.seed}`);
  const run = { kills: kills ?? 0, seed: seed ?? 0, lanes: lanes ?? 0, folder };
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
  const until = minutes === undefined ? undefined : Date.now() + minutes * 60_000;
  return { run: { ...run, until, output: values.output }, isResumed: values.resume };
}

function startWorker(run: Run, share: Share): ChildProcess {
  const options: WorkerOptions = {
    ...share,
    until: run.until,
    lanes: share.part === "small" ? run.lanes : 1,
    stateFile: stateFile(run, share.provider),
  };
  return spawn(process.execPath, ["--import", "tsx", WORKER, JSON.stringify(options)], {
    cwd: ROOT,
    env: { ...process.env, ...(existsSync(MEMORY) && { TMPDIR: MEMORY }) },
    stdio: ["pipe", "ignore", "inherit"],
  });
}

function stateFile({ folder }: Run, provider: ProviderName): string {
  return join(folder, `${provider}.jsonl`);
}

function ending(worker: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    worker.once("close", resolve).once("error", () => {
      resolve(1);
    });
  });
}

function readAll(run: Run): ResultsByProvider {
  return new Map(PROVIDER_NAMES.map((name) => [name, readResults(stateFile(run, name))]));
}

/** Runs until it is stopped. */
async function showProgress(run: Run, startedAt: number): Promise<undefined> {
  const before = [...readAll(run).values()].flat().length;
  for (;;) {
    await sleep(PROGRESS_MS, undefined, { ref: false });
    const line = progressOf(readAll(run), run, startedAt, before);
    process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  }
}

function progressOf(all: ResultsByProvider, run: Run, startedAt: number, before = 0): string {
  const results = [...all.values()].flat();
  const count = (outcome: string) => results.filter((one) => one.outcome === outcome).length;
  const rate = (results.length - before) / ((Date.now() - startedAt) / 1_000);
  const left = rate === 0 ? "?" : ((run.kills - results.length) / rate / 60).toFixed(0);
  const violations = collectViolations(all).length;
  return `seed ${run.seed}: ${results.length} of ${run.kills} kills, ${count("recovered")} recovered, ${count("marked")} marked, ${count("lost")} lost unmarked, ${violations} not allowed, ${rate.toFixed(1)} a second, ${left} min left`;
}

function readSeconds(run: Run): number {
  try {
    return Number(readFileSync(join(run.folder, "seconds"), "utf8"));
  } catch {
    return 0;
  }
}

function compose(run: Run, durationSeconds: number): KillsResult {
  const all = readAll(run);
  return {
    ...describeRun(durationSeconds * 1_000),
    seed: run.seed,
    kills: [...all.values()].flat().filter(({ outcome }) => outcome !== "not_killed").length,
    graceSeconds: GRACE_SECONDS,
    cells: collectCells(all),
    lateAmongOthers: collectLate(all),
    violations: collectViolations(all),
  };
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
