/** SECURITY.md: each adversary has its tests, and who writes what is the golden table of the role tests, in words. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BESIDES, KINDS } from "./integration/role-kinds";

const TEXT = readFileSync(join(__dirname, "..", "SECURITY.md"), "utf8");

const nameOf = (role: string) => `\`${role.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()}\``;

function rowOf([kind, makers]: [string, readonly string[]]): string {
  const besides = BESIDES[kind];
  const [name = ""] = kind.split(":");
  const could =
    besides === undefined ? "nobody" : `${besides.roles.map(nameOf).join(", ")}: ${besides.why}`;
  return `| ${name} | ${makers.map(nameOf).join(", ")} | ${could} |`;
}

/** However wide its columns are. */
const rows = TEXT.split("\n").map((line) => line.replace(/ +\|/g, " |"));

test.each(Object.entries(KINDS).map((entry) => [entry[0], rowOf(entry)]))(
  "S54: SECURITY.md says of %s who makes it, and who could",
  (_, row) => {
    expect(rows).toContain(row);
  },
);

/** First and last cell of each row of the table under a heading. */
function tableUnder(heading: string): (readonly [first: string, last: string])[] {
  const section = TEXT.slice(TEXT.indexOf(heading) + heading.length).split(/\n#+ /)[0] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => {
      const cells = line.split("|").map((cell) => cell.trim());
      return [cells[1] ?? "", cells.at(-2) ?? ""];
    });
}

test("each adversary of the first table has tests, and they are there", () => {
  const shown = new Map(tableUnder("### Where each is shown"));
  const adversaries = tableUnder("## Who might want them, and what stands in the way");
  expect(adversaries.length).toBeGreaterThan(20);
  expect([...shown.keys()]).toEqual(adversaries.map(([name]) => name));
  for (const [name, tests] of shown) {
    const files = [...tests.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file);
    expect([name, files.length > 0]).toEqual([name, true]);
    expect(files.filter((file) => !existsSync(join(__dirname, "..", file)))).toEqual([]);
  }
});
