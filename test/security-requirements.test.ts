/**
 * docs/security-requirements.md defines each number that code, tests and documents use, and a test
 * shows each.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { POINTS } from "./verification/kills/points";

const ROOT = join(__dirname, "..");
const PAGE = "docs/security-requirements.md";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** Sources, tests and documents; neither data nor what generators make of it. */
const files = execFileSync("git", ["ls-files"], { cwd: ROOT, encoding: "utf8" })
  .trim()
  .split("\n")
  .filter((file) => /\.(?:[cm]?[jt]s|md|pml)$/.test(file) && file !== PAGE && existsSync(file));

const page = read(PAGE);
/** Headings of S numbers, with the text below them. */
const requirements = page
  .split(/^### /m)
  .slice(1)
  .map((text) => ({ number: text.slice(0, 3), text: text.split(/^## /m)[0] ?? "" }));
const definitions = new Set([
  ...requirements.map(({ number }) => number),
  ...[...page.matchAll(/^- \*\*([IAKQF]\d{1,2})\*\* /gm)].map(([, number = ""]) => number),
]);

/** `S13`, or `K9`; not `S3` (the service), `[A1` of a regular expression or a longer word. */
const NUMBER = /(?<![\w-])(?:S\d\d|[IAKQF][1-9]\d?)(?![\w-])/g;

const numbersIn = (text: string) => [...new Set(text.match(NUMBER) ?? [])];

/** Numbers at the beginning of a test's name. */
function shownIn(source: string): ReadonlySet<string> {
  const names = source.matchAll(/["'`]((?:[A-Z]\d{1,2} )*[A-Z]\d{1,2}):/g);
  return new Set([...names].flatMap(([, numbers = ""]) => numbers.split(" ")));
}

test("every number that is used anywhere is defined", () => {
  const undefinedIn = files.flatMap((file) =>
    numbersIn(read(file))
      .filter((number) => !definitions.has(number))
      .map((number) => `${file}: ${number}`),
  );
  expect(undefinedIn).toEqual([]);
});

test("S01 to S61 are defined once each, in order", () => {
  const expected = Array.from({ length: 61 }, (_, at) => `S${String(at + 1).padStart(2, "0")}`);
  expect(requirements.map(({ number }) => number)).toEqual(expected);
});

test.each(requirements)("$number links tests whose names begin with it", (each) => {
  const linked = [...each.text.matchAll(/\]\(\.\.\/(test\/[^)]+)\)/g)].map(([, file = ""]) => file);
  expect(linked).not.toEqual([]);
  const showing = linked.filter((file) => existsSync(file) && shownIn(read(file)).has(each.number));
  expect(linked).toEqual(showing);
});

test("the kill points are those of the kills, in the same words", () => {
  expect(
    [...page.matchAll(/^- \*\*(K\d+)\*\* (.*)$/gm)].map(([, name, says]) => ({ name, says })),
  ).toEqual(POINTS.map(({ name, says }) => ({ name, says })));
});

const documents = files.filter((file) => file.endsWith(".md"));

test.each(documents)(
  "%s links each S number to its definition, and other numbers' page",
  (file) => {
    const text = read(file);
    const numbers = numbersIn(text);
    const unlinked = text.replace(/\[(S\d\d)\]\([^)]*security-requirements\.md#(s\d\d)\)/g, "");
    expect(numbersIn(unlinked).filter((number) => number.startsWith("S"))).toEqual([]);
    const target = numbers.length === 0 || text.includes("security-requirements.md");
    expect([file, target]).toEqual([file, true]);
  },
);
