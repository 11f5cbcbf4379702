/** What a part of the bench has measured, as it lies in `results/`. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "./machine";
import { type Interval, intervalOf, ratioOf } from "./statistics";

export const PARTS = ["check", "cold", "warm", "token", "growth", "start"] as const;

export type PartName = (typeof PARTS)[number];

/** One candidate in one situation: its figures, and how they compare with the others'. */
export interface Row {
  /** What is done, e.g. `PUT /me`. */
  readonly name: string;
  /** Major version of Node; absent where it does not matter. */
  readonly node?: string;
  readonly candidate: string;
  /** E.g. `cpuMs`; each with the interval of its median over the rounds. */
  readonly figures: Readonly<Record<string, Interval>>;
  /** By the other candidate's name: times as much as that one's first figure. */
  readonly ratios?: Readonly<Record<string, Interval>>;
  /** What is exact. */
  readonly counts?: Readonly<Record<string, number>>;
}

export interface PartResult {
  readonly machine: Machine;
  /** 0: nothing here is timed. */
  readonly rounds: number;
  readonly rows: readonly Row[];
}

export type Results = Readonly<Partial<Record<PartName, PartResult>>>;

const FOLDER = join(__dirname, "results");

export function readResults(): Results {
  return Object.fromEntries(
    PARTS.map((part) => [part, fileOf(part)] as const)
      .filter(([, file]) => existsSync(file))
      .map(([part, file]) => [part, JSON.parse(readFileSync(file, "utf8")) as PartResult]),
  );
}

/** What the last long run has measured: it takes too long for every run. */
export function keptRows(part: PartName, isKept: (row: Row) => boolean): readonly Row[] {
  return (readResults()[part]?.rows ?? []).filter(isKept);
}

export function writeResult(part: PartName, { machine, rounds, rows }: PartResult): void {
  const result = { machine, rounds, rows: rows.map(shortened) };
  writeFileSync(fileOf(part), `${JSON.stringify(result, undefined, 2)}\n`);
}

function fileOf(part: PartName): string {
  return join(FOLDER, `${part}.json`);
}

/** Four digits: more would only make noise look like knowledge. */
function shortened(row: Row): unknown {
  return JSON.parse(
    JSON.stringify(row, (_, value: unknown) =>
      typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value,
    ),
  );
}

/** The rounds of one candidate. */
export interface Measured {
  readonly candidate: string;
  /** By the figure's name. The first is the one that candidates are compared by. */
  readonly rounds: Readonly<Record<string, readonly number[]>>;
  readonly counts?: Readonly<Record<string, number>>;
}

/** @param name @param node of all that is compared here */
export function compared(
  { name, node }: Pick<Row, "name" | "node">,
  all: readonly Measured[],
): readonly Row[] {
  return all.map(({ candidate, rounds, counts }) => ({
    name,
    ...(node !== undefined && { node }),
    candidate,
    figures: Object.fromEntries(
      Object.entries(rounds).map(([figure, values]) => [figure, intervalOf(values)]),
    ),
    ratios: Object.fromEntries(
      all
        .filter((other) => other.candidate !== candidate)
        .map((other) => [other.candidate, ratioOf(firstOf(rounds), firstOf(other.rounds))]),
    ),
    ...(counts && { counts }),
  }));
}

function firstOf(rounds: Measured["rounds"]): readonly number[] {
  return Object.values(rounds)[0] ?? [];
}
