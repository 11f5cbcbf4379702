/**
 * `npm run proof:mutation [-- ROOM_OR_FILE]`: Stryker on each room, one after the other, into docs/reliability/mutation.json. With the name
 * of a room, or of a file, only that is mutated, and nothing is written. `--judge`: no run, only what the last one left in .local/mutation/.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { version as stryker } from "@stryker-mutator/core/package.json";
import { machine } from "../explore/machine";
import { writeJson } from "../kills/results";
import { REASONS } from "./reasons";
import { isFor, roomOf, type Room, type StrykerReport } from "./report";
import rooms from "./rooms.json";
import type { MutationResult } from "./section";

const ROOT = join(__dirname, "../..");
const RESULT = join(ROOT, "docs", "reliability", "mutation.json");
/** In percent, of each room. */
const THRESHOLD = 95;

type RoomName = keyof typeof rooms;

const NAMES = Object.keys(rooms) as RoomName[];

/** Which rooms, and of a room which file where it is one only. */
function scopeOf(asked: string | undefined): { names: readonly RoomName[]; file?: string } {
  if (asked === undefined || NAMES.some((name) => name === asked)) {
    return { names: NAMES.filter((name) => asked === undefined || name === asked) };
  }
  const folder = (name: RoomName) => `lambda/${rooms[name].tests}/`;
  return { names: NAMES.filter((name) => asked.startsWith(folder(name))), file: asked };
}

function mutate(name: RoomName, file: string | undefined): void {
  process.stderr.write(`== ${file ?? name}\n`);
  const stryker = join(ROOT, "node_modules", "@stryker-mutator", "core", "bin", "stryker.js");
  const { status } = spawnSync(
    process.execPath,
    [stryker, "run", "proof/mutation/stryker.config.mjs"],
    {
      ...{ cwd: ROOT, stdio: "inherit" },
      env: { ...process.env, MUTATED_ROOM: name, ...(file && { MUTATED_FILE: file }) },
    },
  );
  if (status !== 0) {
    throw new Error(`Stryker ended with ${String(status)}`);
  }
}

function found(name: RoomName): Room {
  const report = readFileSync(join(ROOT, ".local", "mutation", name, "report.json"), "utf8");
  return roomOf(name, JSON.parse(report) as StrykerReport, REASONS);
}

function complaints({ name, score, survivors }: Room, isWhole: boolean): readonly string[] {
  return [
    ...(score < THRESHOLD && isWhole ? [`${name}: below ${THRESHOLD} %`] : []),
    ...survivors
      .filter(({ reason }) => reason === undefined)
      .map(
        ({ file, line, mutator, original, replacement }) =>
          `${file}:${line} ${mutator} survived, without a reason: ${original} → ${replacement}`,
      ),
  ];
}

function main(): void {
  const startedAt = Date.now();
  const { values, positionals } = parseArgs({
    ...{ allowPositionals: true, options: { judge: { type: "boolean", default: false } } },
  });
  const { names, file } = scopeOf(positionals[0]);
  if (names.length === 0) {
    throw new Error(`neither a room (${NAMES.join(", ")}) nor a file of one`);
  }
  if (!values.judge) {
    for (const name of names) {
      mutate(name, file);
    }
  }
  const judged = names.map(found);
  for (const { name, score, survivors } of judged) {
    process.stdout.write(`${name}: ${score.toFixed(2)} %, ${survivors.length} survived\n`);
  }
  const wrong = judged.flatMap((room) => complaints(room, file === undefined));
  process.stdout.write(wrong.map((complaint) => `${complaint}\n`).join(""));
  process.exitCode = wrong.length === 0 ? 0 : 1;
  if (!values.judge && positionals.length === 0) {
    const survivors = judged.flatMap((room) => room.survivors);
    for (const reason of REASONS.filter((each) => !survivors.some((one) => isFor(each, one)))) {
      process.stdout.write(`explains nobody any more: ${reason.file}: ${reason.original}\n`);
    }
    writeJson(RESULT, {
      ...{ ...machine(), seconds: Math.round((Date.now() - startedAt) / 1000), stryker },
      ...{ threshold: THRESHOLD, rooms: judged },
    } satisfies MutationResult);
  }
}

main();
