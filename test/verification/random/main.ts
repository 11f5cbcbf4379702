/**
 * `npm run proof:random -- --runs 1000000 --seed 1 --shards 2` plays random schedules and writes
 * `docs/reliability/random.json`. An interrupted command continues when it is repeated.
 * `--output FILE` writes the result elsewhere; `-- --seed 1 --show 4711` prints one run step by
 * step.
 */
import { fork } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { machine } from "../explore/machine";
import { play } from "./play";
import type { RandomResult } from "./section";
import { NOTHING, playSeries, sum, type Tally } from "./series";

const FILE = join(process.cwd(), "docs", "reliability", "random.json");
const CHECKPOINT = join(process.cwd(), ".local", "proof", "random-checkpoint.json");
const CHUNK = 1_000;
const SAY_EVERY_MS = 5_000;

interface Shard {
  readonly next: number;
  readonly to: number;
  readonly tally: Tally;
}

interface Checkpoint {
  readonly seed: number;
  readonly runs: number;
  readonly seconds: number;
  readonly shards: readonly Shard[];
}

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    shards: { type: "string", default: "1" },
    output: { type: "string", default: FILE },
    show: { type: "string" },
    shard: { type: "string" },
  },
});

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new Error(`--${name} takes a whole number`);
  }
  return value;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Runs in a child process and reports its progress to the parent. */
async function playShard(seed: number, start: Shard): Promise<void> {
  let { next, tally } = start;
  while (next < start.to) {
    const to = Math.min(next + CHUNK, start.to);
    tally = await playSeries({ seed, from: next, to }, tally);
    next = to;
    process.send?.({ next, to: start.to, tally });
  }
}

function begin(seed: number, runs: number, count: number): Checkpoint {
  if (existsSync(CHECKPOINT)) {
    const kept = JSON.parse(readFileSync(CHECKPOINT, "utf8")) as Checkpoint;
    if (kept.seed === seed && kept.runs === runs && kept.shards.some(({ next, to }) => next < to)) {
      say(`going on after ${String(total(kept.shards).runs)} runs`);
      return kept;
    }
  }
  const shards = Array.from({ length: count }, (_, at) => ({
    next: Math.floor((runs * at) / count),
    to: Math.floor((runs * (at + 1)) / count),
    tally: NOTHING,
  }));
  return { seed, runs, seconds: 0, shards };
}

function total(shards: readonly Shard[]): Tally {
  return shards.map(({ tally }) => tally).reduce(sum, NOTHING);
}

async function follow(seed: number, shard: Shard, onMove: (shard: Shard) => void): Promise<void> {
  const argv = ["--seed", String(seed), "--shard", JSON.stringify(shard)];
  const child = fork(__filename, argv);
  child.on("message", (moved) => {
    onMove(moved as Shard);
  });
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(`a shard ended with ${String(code)}`));
      }
    });
  });
}

async function playAll(seed: number, runs: number, count: number): Promise<Tally> {
  const first = begin(seed, runs, count);
  const shards = [...first.shards];
  const startedAt = performance.now();
  const seconds = () => first.seconds + Math.round((performance.now() - startedAt) / 1000);
  const keep = () => {
    mkdirSync(join(CHECKPOINT, ".."), { recursive: true });
    writeFileSync(CHECKPOINT, JSON.stringify({ seed, runs, seconds: seconds(), shards }));
    const { runs: done, broken } = total(shards);
    say(
      `${String(done)} of ${String(runs)} runs, ${String(broken.length)} broken, ${String(seconds())} s`,
    );
  };
  const progress = setInterval(keep, SAY_EVERY_MS);
  try {
    await Promise.all(
      first.shards.map(async (shard, at) => {
        await follow(seed, shard, (moved) => {
          shards[at] = moved;
        });
      }),
    );
  } finally {
    clearInterval(progress);
    keep();
  }
  const tally = total(shards);
  const result: RandomResult = {
    ...machine(),
    seed,
    shards: shards.length,
    seconds: seconds(),
    ...tally,
  };
  mkdirSync(join(values.output, ".."), { recursive: true });
  writeFileSync(values.output, `${JSON.stringify(result, undefined, 2)}\n`);
  return tally;
}

async function show(seed: number, run: number): Promise<number> {
  const { configuration, schedule, violations } = await play(seed, run, true);
  say(JSON.stringify(configuration));
  say(schedule.map((step, at) => `${String(at + 1).padStart(3)} ${step}`).join("\n"));
  say(violations.map(({ invariant, text }) => `${invariant}: ${text}`).join("\n") || "holds");
  return violations.length;
}

async function main(): Promise<void> {
  const seed = whole("seed", values.seed);
  if (values.shard !== undefined) {
    await playShard(seed, JSON.parse(values.shard) as Shard);
    process.disconnect();
    return;
  }
  if (values.show !== undefined) {
    process.exitCode = (await show(seed, whole("show", values.show))) === 0 ? 0 : 1;
    return;
  }
  const shards = Math.max(1, whole("shards", values.shards));
  const { broken } = await playAll(seed, whole("runs", values.runs), shards);
  for (const run of broken.slice(0, 1)) {
    await show(seed, run);
  }
  process.exitCode = broken.length === 0 ? 0 : 1;
}

void main();
