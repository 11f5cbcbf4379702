import { DOCUMENTS, partsOf, pictures, readDocument, readPicture } from "./document";
import { readResults } from "./results";

const words = (text: string) => text.replaceAll(/-{2,}/g, "--").replaceAll(/\s+/g, " ").trim();
const results = readResults();
const parts = partsOf(results);

test.each([
  ...Object.keys(parts.performance).map((part) => ["performance", part] as const),
  ...Object.keys(parts.readme).map((part) => ["readme", part] as const),
])("%s says what the results say: %s", (document, part) => {
  expect(words(readDocument(document))).toContain(words(parts[document][part] ?? ""));
});

test.each(Object.entries(pictures(results)))(
  "the picture %s is that of the results, with colours for dark pages",
  (name, svg) => {
    expect(readPicture(name)).toBe(svg);
    expect(readDocument("performance")).toContain(`images/${name}.svg`);
    expect(svg).toContain("prefers-color-scheme: dark");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  },
);

test("no table has a hole where a figure should be", () => {
  const tables = Object.values(parts.performance).join("\n");
  expect(tables).not.toMatch(/NaN|Infinity|undefined/);
});

test("the documents are where the tests look", () => {
  expect(Object.values(DOCUMENTS)).toEqual(["docs/performance.md", "README.md"]);
});
