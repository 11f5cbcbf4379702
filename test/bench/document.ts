/** What the results become: parts of docs/performance.md, its pictures, and the README's table. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/imports";
import { bars } from "./bars";
import { BUDGETS } from "./budgets";
import { PARTS, type Results } from "./results";
import { withPart } from "./scale/document";
import { budgetTable, knownList, machineTable, packageLine, readmeTable, TABLES } from "./tables";
import { judgeAll } from "./verdict";

export const DOCUMENTS = { performance: "docs/performance.md", readme: "README.md" } as const;

type DocumentName = keyof typeof DOCUMENTS;

const IMAGES = join(ROOT, "docs", "images");
const DEPLOYED = "24";

/** By document and by the name in its comments. */
export function partsOf(results: Results): Readonly<Record<DocumentName, Record<string, string>>> {
  const judged = judgeAll(BUDGETS, results);
  const measured = PARTS.flatMap((part) => {
    const result = results[part];
    return result === undefined ? [] : [[part, TABLES[part](result.rows)] as const];
  });
  return {
    performance: {
      budgets: [budgetTable(judged), knownList(judged)].join("\n\n").trim(),
      machine: machineTable(results),
      packages: packageLine(results),
      ...Object.fromEntries(measured),
    },
    readme: { performance: readmeTable(results) },
  };
}

/** By the name of the file in docs/images. */
export function pictures(results: Results): Readonly<Record<string, string>> {
  const of = (rows: Results["cold"]) => rows?.rows.filter(({ node }) => node === DEPLOYED) ?? [];
  return {
    "performance-cold": bars({
      title: "CPU milliseconds from a fresh process to the first answer, Node 24",
      figure: "cpuMs",
      rows: of(results.cold),
      candidates: ["empty", "floor", "code cache", "ours", "typical"],
    }),
    "performance-warm": bars({
      title: "CPU microseconds of a request to a warm instance, Node 24",
      figure: "cpuUs",
      rows: of(results.warm),
      candidates: ["floor", "ours", "typical"],
    }),
  };
}

export function readDocument(name: DocumentName): string {
  return readFileSync(join(ROOT, DOCUMENTS[name]), "utf8");
}

export function readPicture(name: string): string {
  return readFileSync(join(IMAGES, `${name}.svg`), "utf8");
}

export function writeDocuments(results: Results): void {
  const all = partsOf(results);
  for (const name of ["performance", "readme"] as const) {
    const parts = Object.entries(all[name]);
    const text = parts.reduce((text, part) => withPart(text, ...part), readDocument(name));
    writeFileSync(join(ROOT, DOCUMENTS[name]), text);
  }
  for (const [name, svg] of Object.entries(pictures(results))) {
    writeFileSync(join(IMAGES, `${name}.svg`), svg);
  }
  const prettier = join(ROOT, "node_modules", "prettier", "bin", "prettier.cjs");
  const files = Object.values(DOCUMENTS).map((file) => join(ROOT, file));
  execFileSync(process.execPath, [prettier, "--log-level", "warn", "--write", ...files]);
}
