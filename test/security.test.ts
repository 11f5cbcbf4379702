/**
 * SECURITY.md: each adversary has its tests, and who writes what is the golden list of the role
 * tests, in words.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BESIDES, KINDS } from "./integration/role-kinds";

const ROOT = join(__dirname, "..");
const TEXT = readFileSync(join(ROOT, "SECURITY.md"), "utf8");

/** Items of the list under a heading, each on one line. */
function listUnder(heading: string): readonly string[] {
  const section = TEXT.split(`\n## ${heading}\n`)[1]?.split(/\n## /)[0] ?? "";
  return section
    .split(/^- /m)
    .slice(1)
    .map((item) => (item.split("\n\n")[0] ?? "").replace(/\s+/g, " ").trim());
}

const nameOf = (role: string) => `\`${role.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()}\``;

function itemOf([kind, makers]: [string, readonly string[]]): string {
  const besides = BESIDES[kind];
  const [name = ""] = kind.split(":");
  const could =
    besides === undefined ? "" : ` Could: ${besides.roles.map(nameOf).join(", ")}; ${besides.why}.`;
  return `**${name}:** ${makers.map(nameOf).join(", ")}.${could}`;
}

const writes = listUnder("What each role may write");

test.each(Object.entries(KINDS).map((entry) => [entry[0], itemOf(entry)]))(
  "S54: SECURITY.md says of %s who makes it, and who could",
  (_, item) => {
    expect(writes).toContain(item);
  },
);

const adversaries = listUnder("Adversaries, and what stops them");

test.each(adversaries)("an adversary is stopped, and tests that are there show it: %s", (item) => {
  expect(item).toMatch(/^\*\*.+?\*\* _Tries to_ .+ _Stopped by_ .+ _Shown by_ /);
  const files = [...(item.split("_Shown by_")[1] ?? "").matchAll(/`([^`]+)`/g)];
  expect(files).not.toEqual([]);
  expect(files.filter(([, file = ""]) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test("there are as many adversaries as were thought of", () => {
  expect(adversaries.length).toBeGreaterThan(20);
});
