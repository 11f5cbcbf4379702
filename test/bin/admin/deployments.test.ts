import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { approve } from "../../../bin/admin/approve";
import { findOutputs } from "../../../bin/admin/find-outputs";
import { runAdmin } from "../../../bin/admin/main";
import { readTarget } from "../../../bin/admin/target";

const PLACE = { stage: "prod", account: "123456789012", region: "eu-central-1" };
const SHOWN = "stage prod, account 123456789012, region eu-central-1\n";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deployments-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const outputs = (...stages: string[]) =>
  Object.fromEntries(
    stages.flatMap((stage) => [
      [
        `RollupVault-${stage}-Data`,
        {
          UsersTableName: `${stage}-users`,
          RefreshTokensTableName: "grants",
          SessionsTableName: "sessions",
          GrantKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1",
        },
      ],
      [`RollupVault-${stage}-Api`, { ApiUrl: "https://api.test/", IdpSettings: "{}" }],
    ]),
  );
function write(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

describe("which deployment a command means", () => {
  test.each([
    ["the named file", [], { outputs: "x.json" }, "x.json"],
    ["the only one here", ["outputs-dev.json"], {}, "outputs-dev.json"],
    ["one of before there were stages' own", ["outputs.json"], {}, "outputs.json"],
    ["the named stage's", ["outputs-dev.json"], { stage: "prod" }, "outputs-prod.json"],
    ["the local run's where there is none", ["package.json"], {}, ".local/outputs.json"],
    ["the local run's by name", ["outputs-dev.json"], { stage: "local" }, ".local/outputs.json"],
  ])("is %s", (_, files, wanted, expected) => {
    files.forEach((name) => write(name, {}));
    expect(findOutputs(wanted, folder)).toMatch(new RegExp(`(?:^|/)${expected}$`));
  });

  test("is asked where there are several", () => {
    ["outputs-dev.json", "outputs-prod.json"].forEach((name) => write(name, {}));
    expect(() => findOutputs({}, folder)).toThrow("outputs-dev.json, outputs-prod.json");
    expect(() => findOutputs({ stage: "dev", outputs: "x" }, folder)).toThrow("not by both");
  });

  test("is never a mixture: outputs of two stages in one file are refused", () => {
    expect(readTarget(write("a.json", outputs("prod"))).place).toEqual(PLACE);
    expect(() => readTarget(write("b.json", outputs("dev", "prod")))).toThrow("(dev, prod)");
  });
});

describe("before a command changes a deployment", () => {
  const terminal = (answer?: string) => {
    const shown: string[] = [];
    const ask = (question: string) => {
      shown.push(question);
      return Promise.resolve(answer ?? "");
    };
    const fail = (text: string) => shown.push(text);
    return { shown, fail, ask: answer === undefined ? undefined : ask };
  };

  test.each([
    ["asks", "prod", false],
    ["asks", undefined, true],
    ["shows", undefined, false],
  ] as const)("it %s, and goes on with %p (--yes: %p)", async (how, answer, isSure) => {
    const { shown, ...rest } = terminal(answer);
    await approve(rest, PLACE, { how, isSure });
    expect(shown[0]).toBe(SHOWN);
  });

  test.each(["dev", "", undefined])("with %p nothing is changed", async (answer) => {
    const { shown, ...rest } = terminal(answer);
    const approved = approve(rest, PLACE, { how: "asks", isSure: false });
    await expect(approved).rejects.toThrow('nothing was changed: type "prod", or say --yes');
    expect(shown[0]).toBe(SHOWN);
  });

  test("the local run is nobody's, and asks nothing", async () => {
    const { shown, ...rest } = terminal();
    await approve(rest, undefined, { how: "asks", isSure: false });
    expect(shown).toEqual([]);
  });

  test.each([
    ["freeze", "sub"],
    ["freeze", "--all"],
    ["unfreeze", "sub"],
    ["disconnect", "sub"],
    ["erase", "sub"],
    ["move", "from", "to"],
    ["sweep"],
    ["restored"],
  ])("`admin %s` shows it first, and without a person does nothing", async (...args) => {
    const file = write("outputs-prod.json", outputs("prod"));
    const failed: string[] = [];
    const written: string[] = [];
    const code = await runAdmin(["admin", "--outputs", file, ...args], {
      write: (text) => written.push(text),
      fail: (text) => failed.push(text),
      ask: undefined,
    });
    expect([code, failed[0], written]).toEqual([1, SHOWN, []]);
    expect(failed[1]).toMatch(/^nothing was (?:changed|erased|moved)/);
  });
});
