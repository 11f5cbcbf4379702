/** The first thing that any command runs, on whatever Node there is. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Linter } from "eslint";

const FILE = join(__dirname, "..", "..", "bin", "check-node.cjs");

function runOn(version: string) {
  const pretend = `Object.defineProperty(process.versions, "node", { value: "${version}" });`;
  const script = `${pretend} require(${JSON.stringify(FILE)});`;
  return spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
}

test("an old Node parses it: it is ECMAScript 5", () => {
  const options = { languageOptions: { ecmaVersion: 5, sourceType: "script" } } as const;
  const linter = new Linter();
  expect(linter.verify(readFileSync(FILE, "utf8"), options)).toEqual([]);
  expect(linter.verify("const newer = 1;", options)).toMatchObject([{ fatal: true }]);
});

test.each(["0.12.18", "8.17.0", "18.20.8", "20.19.9"])("Node %s is told what to do", (version) => {
  const { status, stdout, stderr } = runOn(version);
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr.trim()).toMatch(
    new RegExp(`^rollup-vault needs Node 20.20 or newer, and this is Node ${version} .*`),
  );
  expect(stderr).toContain("`npx --yes -p node@22 npm start`");
  expect(stderr).not.toMatch(/[Rr]emove|delete|data/);
});

test.each(["20.20.0", "20.100.0", "22.0.0", "100.0.0"])("Node %s goes on", (version) => {
  expect(runOn(version)).toMatchObject({ status: 0, stderr: "" });
});

test.each(["start", "tour"])("npm run %s checks before it loads anything", (name) => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(scripts[name]).toMatch(/^node bin\/check-node\.cjs && /);
});
