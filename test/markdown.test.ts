/** Markdown is read in editors and diffs: lines end at 100 columns. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..");
const WIDTH = 100;

const files = execFileSync("git", ["ls-files", "*.md"], { cwd: ROOT, encoding: "utf8" })
  .trim()
  .split("\n");

/** Lines that could wrap and do not. Code, tables, images and a single long word or address cannot. */
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

test("a wide paragraph is found; a table, code and a long address are not", () => {
  const wide = "word ".repeat(30).trim();
  const address = `- https://example.com/${"a".repeat(100)}`;
  expect(tooWide(`${wide}\n| ${wide} |\n${address}\n\`\`\`\n${wide}\n\`\`\`\n`)).toEqual([wide]);
});
