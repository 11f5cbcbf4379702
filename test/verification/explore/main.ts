/**
 * `npm run proof:explore` explores every configuration (`-- --reduced`: the small ones), tries the
 * checker on the broken variants, and writes `docs/reliability/explore.json`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIGURATIONS, MAX_STATES, REDUCED } from "./configurations";
import { machine } from "./machine";
import { createReplayCache } from "./replay-cache";
import type { Configuration } from "./scenario";
import { type Found, search, shortest } from "./search";
import type { Explored, ExploreResult } from "./section";
import { VARIANTS } from "./variants";

const FILE = join(process.cwd(), "docs", "reliability", "explore.json");
const MAX_VARIANT_STATES = 1_000_000;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function explore(configuration: Configuration): Promise<Explored> {
  const startedAt = performance.now();
  const runner = createReplayCache();
  const label = `${configuration.rotation}: ${configuration.name}`;
  const found = await search(
    { configuration, rules: {}, runner },
    {
      maxStates: MAX_STATES,
      onProgress: (states) => {
        say(`  ${label}: ${String(states)} states`);
      },
    },
  );
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const { schedules, states, ends, forfeited, isComplete } = found;
  say(
    `${label}: ${String(schedules)} schedules, ${String(states)} states, ${String(seconds)} s${isComplete ? "" : ", NOT COMPLETE"}`,
  );
  show(found.found);
  return {
    name: configuration.name,
    rotation: configuration.rotation,
    crashes: configuration.crashes,
    losses: configuration.losses,
    schedules,
    states,
    steps: found.steps,
    ends,
    forfeited,
    isComplete,
    seconds,
    runs: runner.counts().runs,
    violations: found.found?.violations.length ?? 0,
  };
}

function show(found: Found | undefined): void {
  if (found !== undefined) {
    say(found.violations.map(({ invariant, text }) => `  ${invariant}: ${text}`).join("\n"));
    say(found.schedule.map((step, at) => `  ${String(at + 1).padStart(3)} ${step}`).join("\n"));
  }
}

async function main(): Promise<void> {
  const startedAt = performance.now();
  const explored: Explored[] = [];
  for (const configuration of process.argv.includes("--reduced") ? REDUCED : CONFIGURATIONS) {
    explored.push(await explore(configuration));
  }
  const variants: ExploreResult["variants"][number][] = [];
  for (const { name, configuration, rules, breaks } of VARIANTS) {
    const scenario = { configuration, rules, runner: createReplayCache() };
    const found = await shortest(scenario, MAX_VARIANT_STATES);
    const broken = [...new Set(found?.violations.map(({ invariant }) => invariant))];
    const isCaught =
      breaks.length === 0 ? broken.length === 0 : breaks.some((one) => broken.includes(one));
    say(`${isCaught ? "as expected" : "NOT AS EXPECTED"}: ${name}: ${broken.join(", ")}`);
    show(found);
    variants.push({ name, expected: breaks, broken, steps: found?.schedule.length ?? 0, isCaught });
  }
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const result: ExploreResult = { ...machine(), seconds, explored, variants };
  mkdirSync(join(FILE, ".."), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(result, undefined, 2)}\n`);
  const isGood =
    explored.every(({ isComplete, violations }) => isComplete && violations === 0) &&
    variants.every(({ isCaught }) => isCaught);
  say(`${isGood ? "all as it should be" : "NOT AS IT SHOULD BE"}, ${String(seconds)} s: ${FILE}`);
  process.exitCode = isGood ? 0 : 1;
}

void main();
