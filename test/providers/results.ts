/** What runs have seen: one file for each column of the table in docs/providers.md. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/imports";

/** What the last `npm run test:providers -- --long` has seen; committed. */
export const RESULTS = join(ROOT, "docs", "providers", "results.json");
/** One run's own. */
export const RUN_FOLDER = join(ROOT, ".local", "providers");

export interface Column {
  /** `Keycloak`, `Keycloak, strict`. */
  readonly title: string;
  readonly version: string;
  /** Which table it is in: all steps of a sign-in's life, or changes of a provider's settings. */
  readonly table: "journey" | "changes";
  /** By title, in order. Absent: not asked of this one. */
  readonly steps: Readonly<Record<string, StepResult>>;
}

export type StepResult =
  { readonly result: "passed"; readonly seen: string } | { readonly result: "failed" | "skipped" };

export interface Results {
  /** Of the run. */
  readonly date: string;
  readonly node: string;
  readonly columns: readonly Column[];
  /** By name: why it was not run. */
  readonly skipped: Readonly<Record<string, string>>;
}

export function writeColumn(column: Column): void {
  mkdirSync(RUN_FOLDER, { recursive: true });
  const name = column.title.toLowerCase().replaceAll(/\W+/g, "-");
  writeFileSync(join(RUN_FOLDER, `${name}.json`), JSON.stringify(column, undefined, 2));
}

export function readColumns(): readonly Column[] {
  const names = existsSync(RUN_FOLDER) ? readdirSync(RUN_FOLDER).sort() : [];
  return names.map((name) => JSON.parse(readFileSync(join(RUN_FOLDER, name), "utf8")) as Column);
}

/** @returns undefined where no run is recorded */
export function readResults(): Results | undefined {
  if (!existsSync(RESULTS)) {
    return undefined;
  }
  return JSON.parse(readFileSync(RESULTS, "utf8")) as Results;
}
