/** The generated parts of docs/scale.md, each between two comments. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readCounts } from "../cost/counts";
import { readQuotas } from "../cost/quotas";
import { LEVERS, leverTable, move, type Moved } from "./levers";
import { type Results, resultTable } from "./results";
import { decadeTable, quotaTable } from "./tables";

export const DOCUMENT = join(__dirname, "../../../docs/scale.md");

export type Part = "quotas" | "decades" | "levers" | "outage";

export function readDocument(): string {
  return readFileSync(DOCUMENT, "utf8");
}

export function partsOf(results: Results, moved: readonly Moved[]): Readonly<Record<Part, string>> {
  return {
    quotas: quotaTable(readCounts(), readQuotas()),
    decades: decadeTable(readCounts(), readQuotas()),
    levers: leverTable(moved),
    outage: resultTable(results),
  };
}

/** @throws Error where the document has no place for it */
export function withPart(document: string, name: string, text: string): string {
  const place = new RegExp(`(<!-- ${name}: [^>]*-->\\n)[^]*?(\\n<!-- /${name} -->)`);
  if (!place.test(document)) {
    throw new Error(`the document has no place for "${name}"`);
  }
  return document.replace(
    place,
    (_, before: string, after: string) => `${before}\n${text}\n${after}`,
  );
}

/** Plays the levers, too: they take seconds. */
export async function writeDocument(results: Results): Promise<void> {
  const moved: Moved[] = [];
  for (const lever of LEVERS) {
    moved.push(await move(lever));
  }
  const parts = Object.entries(partsOf(results, moved)) as [Part, string][];
  const text = parts.reduce((all, [name, part]) => withPart(all, name, part), readDocument());
  writeFileSync(DOCUMENT, text);
}
