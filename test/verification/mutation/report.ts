/**
 * Reads Stryker's report of a room (https://github.com/stryker-mutator/mutation-testing-elements).
 */
import type { Reason } from "./reasons";

interface Position {
  /** From 1, like the column. */
  readonly line: number;
  readonly column: number;
}

interface Mutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

export interface StrykerReport {
  readonly files: Readonly<
    Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>
  >;
}

interface FileCounts {
  readonly file: string;
  readonly killed: number;
  readonly timeout: number;
  readonly survived: number;
  readonly noCoverage: number;
  readonly ignored: number;
  /** The mutant does not load: it counts neither as found nor as missed. */
  readonly errors: number;
}

export interface Survivor {
  readonly file: string;
  readonly line: number;
  /** The text of the line, to tell equal mutants apart. */
  readonly on: string;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
  /** Undefined if `reasons.ts` has none. */
  readonly reason?: string | undefined;
}

export interface Room {
  readonly name: string;
  /** Percentage found of those that load. */
  readonly score: number;
  readonly files: readonly FileCounts[];
  readonly survivors: readonly Survivor[];
}

/** Merges two runs: the later one counts, and of a changed file only the later one. */
export function merged(before: StrykerReport, latest: StrykerReport): StrykerReport {
  const files = Object.entries(latest.files).map(([name, { source, mutants }]) => {
    const old = before.files[name];
    const keys = new Set(mutants.map(keyOf));
    const kept = old?.source === source ? old.mutants.filter((each) => !keys.has(keyOf(each))) : [];
    return [name, { source, mutants: [...kept, ...mutants] }] as const;
  });
  return { files: { ...before.files, ...Object.fromEntries(files) } };
}

function keyOf({ mutatorName, replacement, location }: Mutant): string {
  return JSON.stringify([mutatorName, replacement, location.start, location.end]);
}

/**
 * What must run again, for Stryker's `mutate`: the lines of survivors, or a whole file that is new
 * or has changed.
 */
export function leftToRun(file: string, source: string, known: StrykerReport): readonly string[] {
  const found = known.files[file];
  return found?.source === source
    ? found.mutants
        .filter(isSurvivor)
        .map(({ location: { start, end } }) => `${file}:${start.line}-${end.line}`)
    : [file];
}

function isSurvivor({ status }: Mutant): boolean {
  return status === "Survived" || status === "NoCoverage";
}

export function roomOf(name: string, report: StrykerReport, reasons: readonly Reason[]): Room {
  const files = Object.entries(report.files).sort(([a], [b]) => (a < b ? -1 : 1));
  const counts = files.map(([file, { mutants }]) => countsOf(file, mutants));
  const survivors = files.flatMap(([file, { source, mutants }]) =>
    mutants
      .filter(isSurvivor)
      .map(({ mutatorName, replacement = "", location }) => {
        const survivor = {
          file,
          line: location.start.line,
          mutator: mutatorName,
          on: source.split("\n")[location.start.line - 1]?.trim() ?? "",
          original: oneLine(textAt(source, location)),
          replacement: oneLine(replacement),
        };
        return { ...survivor, reason: reasons.find((each) => isFor(each, survivor))?.reason };
      })
      .sort((a, b) => a.line - b.line),
  );
  return { name, score: scoreOf(counts), files: counts, survivors };
}

export function isFor(
  reason: Reason,
  { file, on, mutator, original, replacement }: Omit<Survivor, "reason">,
): boolean {
  return (
    reason.file === file &&
    reason.on === on &&
    reason.mutator === mutator &&
    reason.original === original &&
    reason.replacement === replacement
  );
}

function scoreOf(counts: readonly FileCounts[]): number {
  const sum = (pick: (one: FileCounts) => number) =>
    counts.reduce((total, one) => total + pick(one), 0);
  const found = sum(({ killed, timeout }) => killed + timeout);
  const missed = sum(({ survived, noCoverage }) => survived + noCoverage);
  return found + missed === 0 ? 100 : (100 * found) / (found + missed);
}

function countsOf(file: string, mutants: readonly { readonly status: string }[]): FileCounts {
  const count = (...statuses: string[]) =>
    mutants.filter(({ status }) => statuses.includes(status)).length;
  return {
    file,
    killed: count("Killed"),
    timeout: count("Timeout"),
    survived: count("Survived"),
    noCoverage: count("NoCoverage"),
    ignored: count("Ignored"),
    errors: count("RuntimeError", "CompileError"),
  };
}

function textAt(source: string, { start, end }: { start: Position; end: Position }): string {
  const lines = source.split("\n").slice(start.line - 1, end.line);
  const last = lines.length - 1;
  return lines
    .map((line, at) =>
      line.slice(at === 0 ? start.column - 1 : 0, at === last ? end.column - 1 : undefined),
    )
    .join("\n");
}

/** Without prettier's line breaks. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
