/** The model of docs/model describes this code, and the documents say what its searches found. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/imports";
import { CASES } from "./model/cases";
import { type ModelResult, results, section } from "./model/section";
import { readPan } from "./model/spin";
import { STEPS, stepTable } from "./model/steps";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const MODEL = read("docs/model/refresh.pml");

test.each(STEPS)("$model is in the model, and what it stands for in the code", (step) => {
  expect(MODEL).toContain(step.model);
  for (const each of step.code) {
    const [file = "", name = ""] = each.split("#");
    expect(read(`lambda/${file}`)).toMatch(new RegExp(`function ${name}\\b`));
  }
});

test("the table of the README is made of these steps", () => {
  const cells = (text: string) => text.replaceAll(/ {2,}|-{2,}/g, "").replaceAll(/ ?\| ?/g, "|");
  expect(cells(read("docs/model/README.md"))).toContain(cells(stepTable()));
});

test("every case names switches that the model has", () => {
  const names = CASES.flatMap(({ defines }) => defines.map((each) => each.split("=")[0] ?? ""));
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(MODEL))).toEqual([]);
});

describe("the checker's output", () => {
  const whole =
    "Full statespace search for:\nState-vector 8 byte, depth reached 9, errors: 0\n 12 states, stored\n";

  test.each([
    [whole, "holds"],
    [`error: max search depth too small\n${whole}`, "truncated"],
    [`pan: reached -DMEMLIM bound\nWarning: Search not completed\n${whole}`, "truncated"],
    [
      `pan:1: assertion violated (x) (at depth 3)\nWarning: Search not completed\n${whole.replace("errors: 0", "errors: 1")}`,
      "violated",
    ],
  ])("%j is read as it is meant: %s", (output, verdict) => {
    expect(readPan(output).verdict).toBe(verdict);
  });

  test.each([
    "",
    "errors: 0",
    `Warning: Search not completed\n${whole}`,
    `pan:1: invalid end state (at depth 3)\n`,
  ])("%j is no verdict", (output) => {
    expect(() => readPan(output)).toThrow("not understood");
  });
});

test("a verdict that is not the expected one stands out in the report", () => {
  const result: ModelResult = {
    date: "2026-01-01",
    node: "v20",
    cpu: "c",
    cpus: 2,
    seconds: 1,
    versions: { spin: "s", gcc: "g" },
    searches: CASES.slice(0, 2).map((each, index) => ({
      ...each,
      verdict: index === 0 ? "holds" : "violated",
      states: 1000,
      depth: 1,
      seconds: 1,
    })),
  };
  const text = section(result);
  expect(text).toMatch(/^## /);
  expect(text).toContain("| holds | 1,000 |");
  expect(text).toContain("**violated, expected: holds**");
});

test("the results are of these searches, each with the verdict that is expected", () => {
  const found = JSON.parse(read("docs/reliability/model.json")) as ModelResult;
  const asked = CASES.map(({ title, defines, expected }) => ({
    title,
    defines,
    verdict: expected,
  }));
  expect(
    found.searches.map(({ title, defines, verdict }) => ({ title, defines, verdict })),
  ).toEqual(asked);
  expect(read("docs/model/results.md")).toBe(results(found));
});
