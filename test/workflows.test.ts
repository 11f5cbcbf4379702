/** What the workflows run exists, and nothing in them can change without a commit. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./support/imports";

const FOLDER = join(ROOT, ".github/workflows");
const files = readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), "utf8")]);
const { scripts, workspaces } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
  workspaces: string[];
};
const packages = workspaces.map(
  (folder) =>
    (JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")) as { name: string }).name,
);
/** Tokens of the smoke suite's person. */
const SECRETS: Readonly<Record<string, readonly string[]>> = {
  "deploy.yml": ["SMOKE_ID_TOKEN", "SMOKE_REFRESH_TOKEN"],
};

test.each(files)("%s uses actions by their commits", (_, text = "") => {
  const used = [...text.matchAll(/uses: (\S+)(.*)/g)];
  expect(used.length).toBeGreaterThan(0);
  for (const [, action, version] of used) {
    expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    expect(version).toMatch(/^ # v\d+\.\d+\.\d+$/);
  }
});

test.each(files)("%s runs scripts and packages of this repository", (_, text = "") => {
  const called = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = ""]) => name);
  const missing = called.filter((name) => !(name in scripts));
  expect(missing).toEqual([]);
  for (const [, name] of text.matchAll(/--workspace (\S+)/g)) {
    expect(packages).toContain(name);
  }
  for (const [, binary = ""] of text.matchAll(/npx ([\w-]+)/g)) {
    expect(existsSync(join(ROOT, "node_modules/.bin", binary))).toBe(true);
  }
});

test.each(files)(
  "%s asks for no more rights than reading, but where a job says so",
  (name = "", text = "") => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n$/m);
    expect(text).not.toMatch(/pull_request_target|write-all/);
    // In variables of one step, so that no command line has them.
    const secrets = [...text.matchAll(/^ {10}(\w+): \$\{\{ secrets\.\1 \}\}$/gm)];
    expect(secrets.map(([, secret]) => secret)).toEqual(SECRETS[name] ?? []);
    expect(text.match(/secrets/g) ?? []).toHaveLength(secrets.length);
  },
);

test("a deployment and its rollback name the same stage", () => {
  const [, text = ""] = files.find(([name]) => name === "deploy.yml") ?? [];
  expect(scripts["deploy"]).toContain("stage=${STAGE:-dev}");
  expect(text).toContain("RollupVault-$STAGE-Api --exclusively -c stage=$STAGE");
});
