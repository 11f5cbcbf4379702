import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REASONS } from "./mutation/reasons";
import { leftToRun, merged, roomOf, type StrykerReport } from "./mutation/report";
import { section } from "./mutation/section";

const SOURCE = "const a = 1;\nconst isOurs =\n  aud === clientId ||\n  aud === other;\n";
const WHOLE = { start: { line: 3, column: 3 }, end: { line: 4, column: 16 } };

function reportOf(...statuses: string[]): StrykerReport {
  const mutants = statuses.map((status) => ({
    mutatorName: "LogicalOperator",
    status,
    location: WHOLE,
    replacement: "aud === clientId &&\n  aud === other",
  }));
  return { files: { "lambda/auth/a.ts": { source: SOURCE, mutants } } };
}

const REASON = {
  file: "lambda/auth/a.ts",
  mutator: "LogicalOperator",
  on: "aud === clientId ||",
  original: "aud === clientId || aud === other",
  replacement: "aud === clientId && aud === other",
  reason: "it cannot be observed",
};

test("the score is what was found of all that load: endless ones are found, unreached ones are not", () => {
  const report = reportOf("Killed", "Killed", "Timeout", "Survived", "RuntimeError", "Ignored");
  expect(roomOf("verifier", report, []).score).toBe(75);
  expect(roomOf("verifier", reportOf("Killed", "NoCoverage"), []).score).toBe(50);
});

test("a survivor is known by its text on one line, and so is the reason for it", () => {
  const [survivor] = roomOf("verifier", reportOf("Killed", "Survived"), [REASON]).survivors;
  expect(survivor).toEqual({ ...REASON, line: 3 });
});

test.each([{ replacement: "false" }, { on: "return (" }, { mutator: "Regex" }])(
  "a reason that differs in %j is none",
  (difference) => {
    const other = { ...REASON, ...difference };
    const [survivor] = roomOf("verifier", reportOf("NoCoverage"), [other]).survivors;
    expect(survivor?.reason).toBeUndefined();
  },
);

describe("a later run", () => {
  const file = "lambda/auth/a.ts";

  test("replaces what was found about the same mutants, and adds to it about others", () => {
    const before = reportOf("Survived");
    const [mutant] = before.files[file]?.mutants ?? [];
    const other = { ...mutant!, replacement: "false" };
    const later = { files: { [file]: { source: SOURCE, mutants: [other] } } };
    expect(merged(before, later).files[file]?.mutants).toEqual([mutant, other]);
    expect(merged(before, reportOf("Killed")).files[file]?.mutants).toEqual([
      { ...mutant, status: "Killed" },
    ]);
    const changed = { files: { [file]: { source: `${SOURCE} `, mutants: [other] } } };
    expect(merged(before, changed)).toEqual(changed);
  });

  test("is about the lines of the survivors, or about all of a file that is new or has changed", () => {
    expect(leftToRun(file, SOURCE, reportOf("Killed", "Survived"))).toEqual([`${file}:3-4`]);
    expect(leftToRun(file, `${SOURCE} `, reportOf("Killed"))).toEqual([file]);
    expect(leftToRun(file, SOURCE, { files: {} })).toEqual([file]);
  });
});

test("the section has a row for each file and for each survivor, and names one without a reason", () => {
  const measured = {
    date: "2026-01-02",
    node: "v20.20.0",
    cpu: "CPU",
    cpus: 2,
    seconds: 1_200,
    stryker: "9.6.1",
    threshold: 95,
  };
  const report = reportOf("Killed", "Survived");
  const told = section({ ...measured, rooms: [roomOf("verifier", report, [REASON])] });
  expect(told).toContain("| `lambda/auth/a.ts` | 2 | 1 | 0 | 1 | 0 | 0 |");
  expect(told).toContain("| `lambda/auth/a.ts:3` | `` aud === clientId \\|\\| aud === other `` |");
  expect(told).toContain("| it cannot be observed |");
  expect(section({ ...measured, rooms: [roomOf("verifier", report, [])] })).toContain("NO REASON");
});

test("each reason is about a line and a text that the file still has", () => {
  for (const { file, on, original } of REASONS) {
    const path = join(__dirname, "../..", file);
    const text = existsSync(path) ? readFileSync(path, "utf8").replaceAll(/\s+/g, " ") : "";
    expect({ file, on, isThere: text.includes(on) && text.includes(original) }).toEqual({
      file,
      on,
      isThere: true,
    });
  }
});
