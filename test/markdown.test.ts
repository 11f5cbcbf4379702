/** Markdown is read in editors and diffs: lines end at 100 columns. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = join(__dirname, "..");
const WIDTH = 100;

const files = execFileSync("git", ["ls-files", "*.md"], { cwd: ROOT, encoding: "utf8" })
  .trim()
  .split("\n");

/**
 * Lines that could wrap and do not. Code, tables, images and a single long word or address cannot.
 */
function tooWide(markdown: string): readonly string[] {
  const prose = markdown.replace(/^( *)```.*?^\1```$/gms, "");
  return prose
    .split("\n")
    .filter((line) => line.length > WIDTH)
    .filter((line) => !/^\s*(?:\||<)/.test(line))
    .filter((line) => /\s/.test(line.replace(/^\s*(?:[-*]|\d+\.)?\s*/, "")));
}

test.each(files)("%s has no line over 100 columns that could wrap", (file) => {
  expect(tooWide(readFileSync(join(ROOT, file), "utf8"))).toEqual([]);
});

/** Generated tables are as wide as what was measured. */
const GENERATED = ["docs/reliability.md", "docs/model/results.md", "docs/model/README.md"];
const ROW_WIDTH = 150;

test.each(files.filter((file) => !GENERATED.includes(file)))(
  "%s has short table cells, padding aside",
  (file) => {
    const rows = readFileSync(join(ROOT, file), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map((line) => line.replace(/ {2,}/g, " ").replace(/-{2,}/g, "-"))
      .map((line) => line.replace(/\]\([^)]*\)/g, "]"));
    expect(rows.filter((row) => row.length > ROW_WIDTH)).toEqual([]);
  },
);

/** As GitHub makes them. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, "")
    .replace(/ /g, "-");

function anchorsOf(file: string): readonly string[] {
  const prose = readFileSync(file, "utf8").replace(/^( *)```.*?^\1```$/gms, "");
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));
}

test.each(files)("%s links to files and headings that are there", (file) => {
  const links = readFileSync(join(ROOT, file), "utf8").matchAll(/\]\((?!https?:)([^)\s]+)\)/g);
  const broken = [...links].filter(([, link = ""]) => {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? join(ROOT, file) : join(ROOT, dirname(file), path);
    return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });
  expect(broken.map(([, link]) => link)).toEqual([]);
});

/** Read first, so plain: a sentence names who acts. */
const PLAIN = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "packages/client/README.md",
  "docs/architecture.md",
  "docs/runbook.md",
  "docs/decisions/0023-a-shorter-function-where-tokens-rotate.md",
  "docs/decisions/0024-a-take-over-waits-its-turn.md",
];

test.each(PLAIN)("%s says user, caller or operator, and not somebody", (file) => {
  const text = readFileSync(join(ROOT, file), "utf8").replace(/\]\([^)]*\)/g, "]");
  const vague = /\b(?:whoever|whatever|somebody|nobody|anybody|of ours)\b/gi;
  expect(text.match(vague)).toBeNull();
});

const PRODUCT = ["README.md", "packages/client/README.md"];
const DESCRIBED = ["package.json", "packages/client/package.json"];

test.each(PRODUCT)("%s begins with an OpenID provider; Rollup ID out of the box", (file) => {
  const [, first = ""] = readFileSync(join(ROOT, file), "utf8").split("\n\n");
  expect(first.replaceAll("**", "").replaceAll("\n", " ")).toMatch(
    /an OpenID provider\W+Rollup ID out of the box/,
  );
});

test.each(DESCRIBED)("%s is described as one for an OpenID provider", (file) => {
  const { description } = JSON.parse(readFileSync(join(ROOT, file), "utf8")) as {
    readonly description: string;
  };
  expect(description).toContain("an OpenID provider (Rollup ID out of the box)");
});

test("a wide paragraph is found; a table, code and a long address are not", () => {
  const wide = "word ".repeat(30).trim();
  const address = `- https://example.com/${"a".repeat(100)}`;
  expect(tooWide(`${wide}\n| ${wide} |\n${address}\n\`\`\`\n${wide}\n\`\`\`\n`)).toEqual([wide]);
});
