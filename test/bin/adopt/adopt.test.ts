import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAdopt } from "../../../bin/adopt/main";
import { type DataTemplate, mappingOf } from "../../../bin/adopt/mapping";
import { stageWith, synthesize } from "../../lib/synth";

const STAGES = [
  {
    ...stageWith({ profile: "oidc", refreshTokenRotation: "strict" }),
    secretKey: true,
    backup: { keepDays: 1 },
  },
  stageWith({
    profile: "oidc",
    refreshTokenRotation: "none",
    clientAuthentication: "private_key_jwt",
    clientSigning: { keys: ["b", "a"] },
  }),
];
const templateOf = (stage: (typeof STAGES)[number]) =>
  synthesize(stage).data.toJSON() as DataTemplate;

/** What a deployment prints: each output with something that names its resource. */
function outputsOf({ Outputs = {} }: DataTemplate): Record<string, string> {
  const valueOf = (value: unknown): string => {
    const { Ref, "Fn::GetAtt": path } = value as { Ref?: string; "Fn::GetAtt"?: string[] };
    const [id, attribute] = path ?? [];
    return path === undefined || attribute !== "Arn"
      ? `the-${id ?? String(Ref)}`
      : `arn:aws:x:r:1:key/the-${String(id)}`;
  };
  return Object.fromEntries(
    Object.entries(Outputs).map(([name, { Value }]) => [name, valueOf(Value)]),
  );
}

test.each(STAGES)("everything that outlives a stack is named by its outputs (%#)", (stage) => {
  const template = templateOf(stage);
  const mapping = mappingOf(template, outputsOf(template));
  const holders = Object.entries(template.Resources).filter(([, { Type }]) =>
    /::(?:Table|Key|Secret|Queue|BackupVault)$/.test(Type),
  );
  expect(Object.keys(mapping).sort()).toEqual(holders.map(([id]) => id).sort());
  for (const [id, identifier] of Object.entries(mapping)) {
    expect(Object.values(identifier)).toEqual([expect.stringContaining(id)]);
    expect(JSON.stringify(identifier)).not.toContain("arn:");
  }
});

test("a resource that is not named keeps everything from being adopted", () => {
  const template = templateOf(STAGES[0] ?? stageWith({}));
  const outputs = Object.entries(outputsOf(template)).filter(([, text]) => !text.includes("Users"));
  expect(() => mappingOf(template, Object.fromEntries(outputs))).toThrow(/which resource Users\w+/);
});

describe("the command", () => {
  const folder = mkdtempSync(join(tmpdir(), "adopt-"));
  const template = join(folder, "template.json");
  const outputs = join(folder, "outputs.json");

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) => {
    const out: string[] = [];
    const err: string[] = [];
    const code = runAdopt(["adopt", ...args], {
      write: (text) => out.push(text),
      fail: (text) => err.push(text),
    });
    return { code, out: out.join(""), err: err.join("") };
  };

  test("prints the mapping that cdk import reads", () => {
    const json = templateOf(stageWith({}));
    writeFileSync(template, JSON.stringify(json));
    writeFileSync(outputs, JSON.stringify({ "RollupVault-dev-Data": outputsOf(json) }));
    const { code, out } = run("--stage", "dev", "--outputs", outputs, "--template", template);
    expect([code, JSON.parse(out)]).toEqual([0, mappingOf(json, outputsOf(json))]);
    const other = run("--stage", "prod", "--outputs", outputs, "--template", template);
    expect([other.code, other.err]).toEqual([
      1,
      "the outputs have nothing of RollupVault-prod-Data\n",
    ]);
  });

  test("says in one sentence what is missing", () => {
    expect(run("--stage", "dev", "--outputs", join(folder, "none.json"))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^\S+none\.json cannot be read as JSON[^\n]+\n$/) as string,
    });
    expect(run().code).toBe(2);
  });
});
