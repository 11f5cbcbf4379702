/** The kills as one table. */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { version as oidcProvider } from "oidc-provider/package.json";
import type { Case, CaseResult } from "./case";
import { CALLERS, type Callers, type Point, POINTS } from "./points";
import type { ProviderName } from "./providers/provider";

export interface KillCell {
  readonly provider: ProviderName;
  readonly point: Point;
  readonly callers: Callers;
  readonly cases: number;
  readonly recovered: number;
  /** Lost unavoidably, and the grant says so. */
  readonly marked: number;
  /** Lost, and the grant does not say so. */
  readonly lostUnmarked: number;
  readonly revoked: number;
  readonly maxSecondsUntilUsable: number;
  /** Answers to the callers at the time of the kill, by status. */
  readonly answers: Readonly<Record<string, number>>;
}

/** When, how long, on which machine and with which versions. */
export interface Measured {
  /** RFC 3339. */
  readonly date: string;
  readonly durationSeconds: number;
  readonly machine: string;
  readonly node: string;
  readonly oidcProvider: string;
}

export interface KillsResult extends Measured {
  readonly seed: number;
  readonly kills: number;
  readonly graceSeconds: number;
  readonly cells: readonly KillCell[];
  /** Late beside other kills, so repeated alone: `cells` and `violations` are of the repetition. */
  readonly lateAmongOthers: readonly LateCase[];
  readonly violations: readonly { readonly provider: ProviderName; readonly case: string }[];
}

interface LateCase {
  readonly provider: ProviderName;
  readonly case: string;
  readonly seconds: number;
}

export type ResultsByProvider = ReadonlyMap<ProviderName, readonly CaseResult[]>;

export function collectCells(results: ResultsByProvider): KillCell[] {
  return [...results].flatMap(([provider, all]) =>
    POINTS.flatMap(({ name: point }) =>
      CALLERS.flatMap((callers) => {
        const some = all.filter((one) => one.point === point && one.callers === callers);
        return some.length === 0 ? [] : [cellOf({ provider, point, callers }, some)];
      }),
    ),
  );
}

function cellOf(
  cell: Pick<KillCell, "provider" | "point" | "callers">,
  some: readonly CaseResult[],
): KillCell {
  const count = (outcome: CaseResult["outcome"]) =>
    some.filter((one) => one.outcome === outcome).length;
  return {
    ...cell,
    cases: some.length,
    recovered: count("recovered"),
    marked: count("marked"),
    lostUnmarked: count("lost"),
    revoked: some.filter(({ isRevoked }) => isRevoked).length,
    maxSecondsUntilUsable: Math.max(...some.map((one) => one.usableAfterMs)) / 1_000,
    answers: addUp(some.map(({ answers }) => answers)),
  };
}

function addUp(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [status, count] of all.flatMap((counts) => Object.entries(counts))) {
    sum[status] = (sum[status] ?? 0) + count;
  }
  return sum;
}

export function collectViolations(results: ResultsByProvider): KillsResult["violations"] {
  return [...results].flatMap(([provider, all]) =>
    all.flatMap((one) =>
      one.violations.map((what) => ({ provider, case: `${nameOf(one)}: ${what}` })),
    ),
  );
}

export function collectLate(results: ResultsByProvider): KillsResult["lateAmongOthers"] {
  return [...results].flatMap(([provider, all]) =>
    all.flatMap(({ lateAmongOthersMs, ...one }) =>
      lateAmongOthersMs === undefined
        ? []
        : [{ provider, case: nameOf(one), seconds: lateAmongOthersMs / 1_000 }],
    ),
  );
}

function nameOf({ index, point, callers }: Case): string {
  return `#${index} ${point} × ${callers}`;
}

export function describeRun(durationMs: number): Measured {
  const all = cpus();
  return {
    date: new Date().toISOString(),
    durationSeconds: Math.round(durationMs / 1_000),
    machine: `${all.length} × ${all[0]?.model.trim() ?? "unknown"}`,
    node: process.version.slice(1),
    oidcProvider,
  };
}

/** @returns the path `docs/reliability/NAME.json` */
export function writeResult(
  name: string,
  { startedAt, ...result }: { readonly startedAt: number; readonly [member: string]: unknown },
): string {
  const file = join(__dirname, "..", "..", "..", "docs", "reliability", `${name}.json`);
  writeJson(file, { ...describeRun(Date.now() - startedAt), ...result });
  return file;
}

export function writeJson(file: string, content: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`);
}
