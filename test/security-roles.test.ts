/** SECURITY.md says which function makes which write, and which other could: the golden table of the role tests, in words. */
import { readFileSync } from "node:fs";
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
