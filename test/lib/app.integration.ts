/** `bin/app.ts` as the CDK runs it: real bundles, real rule packs. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
const KB = 1024;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rollup-vault-synth-"));
  const { context } = JSON.parse(readFileSync(join(ROOT, "cdk.json"), "utf8")) as {
    context: object;
  };
  execFileSync(process.execPath, ["--import", "tsx", "bin/app.ts"], {
    cwd: ROOT,
    env: { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify(context) },
    stdio: "pipe",
  });
}, 120_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function bundles(): { readonly path: string; readonly text: string }[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith("asset."))
    .map((name) => join(folder, name, "index.js"))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

test("S53: the rule packs find nothing that is not acknowledged, one resource and reason at a time", () => {
  const report = JSON.parse(readFileSync(join(folder, "validation-report.json"), "utf8")) as {
    pluginReports: { pluginName: string; violations: { severity: string; ruleName: string }[] }[];
  };
  const errors = report.pluginReports
    .flatMap(({ violations }) => violations)
    .filter(({ severity }) => severity !== "warning");
  expect(errors).toEqual([]);
});

test("every bundle is within its budget: 300 KB, 350 where it reads the client secret", () => {
  const sizes = bundles().map(({ path, text }) => ({
    kilobytes: statSync(path).size / KB,
    budget: text.includes("GetSecretValue") ? 350 : 300,
  }));
  expect(sizes).toHaveLength(4);
  expect(sizes.filter(({ kilobytes, budget }) => kilobytes > budget)).toEqual([]);
});

test("no bundle has anything of the local run, of the CDK or of the credential chain in it", () => {
  for (const { text } of bundles()) {
    expect(text).not.toMatch(/local\/rollup-id|aws-cdk-lib|169\.254\.170|sso-oidc/);
  }
});

test("S43: the global fetch is not used", () => {
  for (const { text } of bundles()) {
    expect(text).not.toMatch(/\bawait fetch\(/);
  }
});
