/**
 * `npm run proof:mutation [-- ROOM_OR_FILE…]`: Stryker on each room, one after the other, into
 * docs/reliability/mutation.json, or on the named rooms and files alone. `--resume`: keeps what was
 * found before, and runs only files that have changed since and mutants that survived. `--judge`:
 * runs nothing.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { version as stryker } from "@stryker-mutator/core/package.json";
import { machine } from "../explore/machine";
import { writeJson } from "../kills/results";
import { REASONS } from "./reasons";
import { isFor, leftToRun, merged, type Room, roomOf, type StrykerReport } from "./report";
import rooms from "./rooms.json";
import type { MutationResult } from "./section";

const ROOT = join(__dirname, "../../..");
const RESULT = join(ROOT, "docs", "reliability", "mutation.json");
/** In percent, of each room. */
const THRESHOLD = 95;

type RoomName = keyof typeof rooms;

/** What was found so far, and how long that took. */
interface Known extends StrykerReport {
  readonly seconds: number;
}

const NAMES = Object.keys(rooms) as RoomName[];
const sourceOf = (file: string) => readFileSync(join(ROOT, file), "utf8");
const folderOf = (name: RoomName) => join(ROOT, ".local", "mutation", name);
const knownFile = (name: RoomName) => join(folderOf(name), "known.json");

function knownOf(name: RoomName): Known {
  const file = knownFile(name);
  return existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as Known)
    : { files: {}, seconds: 0 };
}

function without({ files, seconds }: Known, forgotten: readonly string[]): Known {
  const kept = Object.entries(files).filter(([file]) => !forgotten.includes(file));
  return { files: Object.fromEntries(kept), seconds: kept.length === 0 ? 0 : seconds };
}

function mutate(name: RoomName, files: readonly string[], known: Known): void {
  const startedAt = Date.now();
  const mutated = files.flatMap((file) => leftToRun(file, sourceOf(file), known));
  process.stderr.write(`== ${name}: ${mutated.length} files or places in them\n`);
  if (mutated.length === 0) {
    return;
  }
  const bin = join(ROOT, "node_modules", "@stryker-mutator", "core", "bin", "stryker.js");
  const { status } = spawnSync(
    process.execPath,
    [bin, "run", "test/verification/mutation/stryker.config.mjs"],
    {
      cwd: ROOT,
      stdio: "inherit",
      env: { ...process.env, MUTATED_ROOM: name, MUTATED: mutated.join(",") },
    },
  );
  if (status !== 0) {
    throw new Error(`Stryker ended with ${String(status)}`);
  }
  const report = readFileSync(join(folderOf(name), "report.json"), "utf8");
  const seconds = known.seconds + Math.round((Date.now() - startedAt) / 1000);
  const found = merged(known, JSON.parse(report) as StrykerReport);
  writeJson(knownFile(name), { ...found, seconds } satisfies Known);
}

function complaints({ name, score, survivors }: Room): readonly string[] {
  return [
    ...(score < THRESHOLD ? [`${name}: below ${THRESHOLD} %`] : []),
    ...survivors
      .filter(({ reason }) => reason === undefined)
      .map(
        ({ file, line, mutator, original, replacement }) =>
          `${file}:${line} ${mutator} survived without a reason: ${original} → ${replacement}`,
      ),
    ...rooms[name as RoomName].mutate
      .filter((file) => leftToRun(file, sourceOf(file), knownOf(name as RoomName)).includes(file))
      .map((file) => `${file} was never mutated as it is now`),
    ...REASONS.filter(
      (reason) =>
        rooms[name as RoomName].tests.some((room) => reason.file.startsWith(`lambda/${room}/`)) &&
        !survivors.some((one) => isFor(reason, one)),
    ).map(({ file, original }) => `${file}: a reason without a mutant: ${original}`),
  ];
}

function judge(): void {
  const judged = NAMES.map((name) => roomOf(name, knownOf(name), REASONS));
  for (const { name, score, survivors } of judged) {
    process.stdout.write(`${name}: ${score.toFixed(2)} %, ${survivors.length} survived\n`);
  }
  const wrong = judged.flatMap(complaints);
  process.stdout.write(wrong.map((complaint) => `${complaint}\n`).join(""));
  process.exitCode = wrong.length === 0 ? 0 : 1;
  const seconds = NAMES.reduce((sum, name) => sum + knownOf(name).seconds, 0);
  writeJson(RESULT, {
    ...machine(),
    seconds,
    stryker,
    threshold: THRESHOLD,
    rooms: judged,
  } satisfies MutationResult);
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      resume: { type: "boolean", default: false },
      judge: { type: "boolean", default: false },
    },
  });
  const isAsked = (name: RoomName) => (file: string) =>
    positionals.length === 0 || positionals.some((asked) => asked === name || asked === file);
  if (!NAMES.some((name) => rooms[name].mutate.some(isAsked(name)))) {
    throw new Error(`neither a room (${NAMES.join(", ")}) nor a file of one`);
  }
  for (const name of values.judge ? [] : NAMES) {
    const files = rooms[name].mutate.filter(isAsked(name));
    mutate(name, files, values.resume ? knownOf(name) : without(knownOf(name), files));
  }
  judge();
}

main();
