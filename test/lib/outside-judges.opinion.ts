/**
 * cfn-lint and checkov, by people who know nothing of the CDK or of this product, judge the
 * templates. What they find is listed with its reason, resource by resource; a finding that is not
 * listed fails, and so does an entry that nobody finds any more.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preparedPython } from "@rollup-vault/local-aws/testing/ministack/start-ministack";
import type { Template } from "aws-cdk-lib/assertions";
import { assertStage, type Stage } from "../../lib/stage";
import { type Acknowledged, BY_CFN_LINT, BY_CHECKOV } from "./outside-judges";
import { STAGE, synthesize } from "./synth";

jest.setTimeout(300_000);

const REQUIREMENTS = join(__dirname, "judges");
const cfnLint = preparedPython("cfn-lint", REQUIREMENTS);
const checkov = preparedPython("checkov", REQUIREMENTS);

/** With queues, a key of the secret's own, backups and somebody to tell. */
const FULL: Stage = assertStage({
  ...STAGE,
  idp: {
    ...STAGE.idp,
    profile: "oidc",
    refreshTokenRotation: "strict",
    refreshTokenIdleSeconds: 86_400,
  },
  secretKey: true,
  tracing: true,
  backup: { keepDays: 35 },
  alarms: { email: "operator@app.test" },
});

let folder: string;
let files: readonly string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "judges-"));
  files = Object.entries({ dev: STAGE, full: FULL }).flatMap(([name, stage]) => {
    const { data, api } = synthesize(stage);
    return [write(`${name}-data`, data), write(`${name}-api`, api)];
  });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, template: Template): string {
  const file = join(folder, `${name}.template.json`);
  writeFileSync(file, JSON.stringify(template.toJSON(), undefined, 2));
  return file;
}

/** @returns its JSON; the exit code of a judge who has found something is not 0 */
function judge(python: string | undefined, code: string, ...args: readonly string[]): unknown {
  const { stdout, stderr } = spawnSync(python ?? "", ["-c", code, ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    env: { PATH: process.env["PATH"], HOME: folder },
  });
  if (!/^\s*[[{]/.test(stdout)) {
    throw new Error(`no JSON:\n${stdout.slice(0, 2_000)}${stderr.slice(-2_000)}`);
  }
  return JSON.parse(stdout);
}

/** `RULE Resource`, without the hash that the CDK puts behind a logical id; each once. */
function named(findings: readonly (readonly [rule: string, logicalId: string])[]): string[] {
  const lines = findings.map(([rule, id]) => `${rule} ${id.replace(/[0-9A-F]{8}$/, "")}`);
  return [...new Set(lines)].toSorted();
}

const listed = (acknowledged: readonly Acknowledged[]) =>
  acknowledged
    .flatMap(({ rule, resources }) => resources.map((one) => `${rule} ${one}`))
    .toSorted();

// Skipped, and counted as skipped, where it cannot be installed.
(cfnLint === undefined ? test.skip : test)(
  "S53: cfn-lint finds what is listed, and no more",
  () => {
    const code = "import sys; from cfnlint.runner import main; sys.exit(main())";
    const found = judge(cfnLint, code, "--format", "json", "-t", ...files) as {
      readonly Rule: { readonly Id: string };
      readonly Location: { readonly Path: readonly string[] };
    }[];
    const all = found.map(({ Rule, Location }) => [Rule.Id, Location.Path[1] ?? ""] as const);
    expect(named(all)).toEqual(listed(BY_CFN_LINT));
  },
);

(checkov === undefined ? test.skip : test)("S53: checkov finds what is listed, and no more", () => {
  const code = "import sys; from checkov.main import Checkov; sys.exit(Checkov().run())";
  const args = ["--framework", "cloudformation", "--output", "json", "--quiet", "--skip-download"];
  const { results, summary } = judge(checkov, code, "--directory", folder, ...args) as {
    readonly results: {
      readonly failed_checks: readonly { readonly check_id: string; readonly resource: string }[];
    };
    readonly summary: { readonly passed: number; readonly parsing_errors: number };
  };
  expect([summary.passed > 0, summary.parsing_errors]).toEqual([true, 0]);
  const all = results.failed_checks.map(
    ({ check_id: rule, resource }) => [rule, resource.split(".").at(-1) ?? ""] as const,
  );
  expect(named(all)).toEqual(listed(BY_CHECKOV));
});
