import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Part, partsOf, readDocument, withPart } from "./document";
import { figures } from "./figures";
import { numbersOf, readResults } from "./results";
import { DEFAULT_SCENARIO } from "./scenario";

const IMAGES = join(__dirname, "../../../docs/images");
const words = (text: string) => text.replaceAll(/-{2,}/g, "--").replaceAll(/[ \t]+/g, " ");
const parts = partsOf(readResults(), []);

test.each<Part>(["quotas", "decades", "outage"])("docs/scale.md has the table of %s", (part) => {
  expect(words(readDocument())).toContain(words(parts[part]));
});

test("its results are of the scenario that the code has now", () => {
  expect(readResults().scenario).toEqual(numbersOf(DEFAULT_SCENARIO));
});

test("its pictures are there, with colours for dark pages", () => {
  const names = Object.keys(figures({ disturbed: [], usual: [], outage: undefined }));
  expect(names).toHaveLength(2);
  for (const name of names) {
    const svg = readFileSync(join(IMAGES, `${name}.svg`), "utf8");
    expect(readDocument()).toContain(`images/${name}.svg`);
    expect(svg).toContain("prefers-color-scheme: dark");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  }
});

test("a part without a place in the document is an error", () => {
  expect(() => withPart("no comment", "quotas", "table")).toThrow("no place");
});
