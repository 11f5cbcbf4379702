import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CASES, conformanceTable } from "./integration/conformance/cases";
import { ROOT } from "./support/imports";

test("docs/conformance.md has the table of the cases that are played", () => {
  const page = readFileSync(join(ROOT, "docs", "conformance.md"), "utf8");
  const tidy = (text: string) => text.replace(/ +/g, " ").replace(/-+/g, "-");
  expect(tidy(page)).toContain(tidy(conformanceTable()));
});

test("each test of the suite is played once", () => {
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
});
