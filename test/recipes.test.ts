/** What the recipes show is what is compiled and run. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(__dirname, "..", "docs", "recipes");
const EMBEDDED = /^`(examples\/[^`]+)`\n\n```\w+\n(.*?)^```$/gms;

const recipes = readdirSync(FOLDER).filter((name) => name.endsWith(".md"));
const embedded = recipes.flatMap((recipe) =>
  [...readFileSync(join(FOLDER, recipe), "utf8").matchAll(EMBEDDED)].map(
    ([, path = "", code = ""]) => ({ recipe, path, code }),
  ),
);

test.each(embedded)("$recipe shows $path word for word", ({ path, code }) => {
  expect(code).toBe(readFileSync(path, "utf8"));
});

test("every recipe has code, and every example a recipe", () => {
  expect([...new Set(embedded.map(({ recipe }) => recipe))].sort()).toEqual(recipes.sort());
  const files = readdirSync("examples", { recursive: true, encoding: "utf8" })
    .filter((name) => !name.includes("node_modules") && /\.(?:[mc]?[jt]sx?|html)$/.test(name))
    .map((name) => join("examples", name));
  expect(embedded.map(({ path }) => path).sort()).toEqual(files.sort());
});
