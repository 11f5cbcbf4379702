/**
 * A deployment from an empty account to its end and back, on an engine that nobody here wrote, by
 * the commands of docs/runbook.md and docs/deploying.md. The steps build on each other.
 */
import { writeFileSync } from "node:fs";
import { preparedPython } from "@rollup-vault/local-aws/testing/ministack/start-ministack";
import type { RollupIdTokens } from "../../local/rollup-id-tokens";
import { API_STACK, breakAssembly, DATA_STACK, templateOf } from "./assemblies";
import {
  type Difference,
  NO_IMPORT,
  OF_THE_DEPLOYMENT,
  OF_THE_ENGINE,
  OF_THE_SMOKE_SUITE,
} from "./differences";
import { ACCOUNT, REGION } from "./engine";
import { smoke } from "./smoke";
import { callApi, openWorld, succeeded, type World } from "./world";

// Each step starts several programs.
jest.setTimeout(300_000);

const { ministack, awscli } = {
  ministack: preparedPython("ministack"),
  awscli: preparedPython("awscli"),
};
const canRun = ministack !== undefined && awscli !== undefined;

let world: World;
/** The user who is there before the destruction and has to be there after it. */
let kept: RollupIdTokens;
/** What was reached, with the seconds that it took. */
const times: string[] = [];

/** Exactly what is listed, each in its own words. */
const AS_LISTED = OF_THE_SMOKE_SUITE.map(({ check, observed }) => ({
  name: check,
  outcome: "failed",
  why: expect.stringMatching(observed) as string,
}));

function took(from: number, name: string): void {
  times.push(`${((performance.now() - from) / 1000).toFixed(1).padStart(6)} s  ${name}`);
}

/** One step of the sequence, with its time. */
function step(name: string, work: () => Promise<void>): void {
  test(name, async () => {
    const from = performance.now();
    await work();
    took(from, name);
  });
}

function stillSo(differences: readonly Difference[]): void {
  test.each(differences)("the engine still differs: $about", async ({ holds }) => {
    expect(await holds(world)).toBe(true);
  });
}

async function verdictOn(about: string, ...args: readonly string[]): Promise<unknown> {
  const findings = await world.doctor(...args);
  return findings.find((finding) => finding["about"] === about);
}

/** A new one: the cached one has less than a day left. */
async function exchange(): Promise<readonly unknown[]> {
  const json = { min_validity: 86_400 };
  const { status, body } = await callApi(world, ["POST", "/me/access-token"], kept.idToken, json);
  return [status, body["token_type"]];
}

/** @returns whether it was, and what it printed */
async function importBy(mapping: Readonly<Record<string, unknown>>) {
  const file = world.path("mapping.json");
  writeFileSync(file, JSON.stringify(mapping));
  const args = ["--app", world.path("second"), "--force", "--resource-mapping", file];
  return await world.engine.cdk("import", DATA_STACK, ...args);
}

// Skipped, and counted as skipped, where the engine or the AWS CLI cannot be installed.
(canRun ? describe : describe.skip)("the deployment drill, on ministack", () => {
  let startedAt: number;

  beforeAll(async () => {
    world = await openWorld({ ministack: ministack ?? "", awscli: awscli ?? "" });
  });

  afterAll(async () => {
    await world.close();
    const differences = [...OF_THE_ENGINE, ...OF_THE_DEPLOYMENT, NO_IMPORT];
    const lines = [...times, ...differences.map(({ about, reason }) => `${about}: ${reason}`)];
    process.stderr.write(`\n${lines.map((line) => `  ${line}`).join("\n")}\n`);
  });

  stillSo(OF_THE_ENGINE);

  step("the doctor says that the account is not bootstrapped, and how to do it", async () => {
    startedAt = performance.now();
    expect(await verdictOn("bootstrap")).toEqual({
      about: "bootstrap",
      verdict: "bad",
      sentence: `${REGION} of ${ACCOUNT} is not bootstrapped for the CDK`,
      mend: `npx cdk bootstrap aws://${ACCOUNT}/${REGION}`,
    });
  });

  step("cdk bootstrap, after which the doctor is content with it", async () => {
    await world.assemble("first");
    const args = ["--app", world.path("first")];
    succeeded(await world.engine.cdk("bootstrap", `aws://${ACCOUNT}/${REGION}`, ...args));
    expect(await verdictOn("bootstrap")).toMatchObject({ verdict: "good" });
  });

  step("cdk deploy --all", async () => {
    await world.deploy("first");
  });

  step("cdk diff is quiet on the tree that is deployed", async () => {
    const args = ["--method=template", "--fail", "--app", world.path("first")];
    const { code, printed } = await world.engine.cdk("diff", "--all", ...args);
    expect([code, printed]).toEqual([0, expect.stringContaining("differences: 0")]);
  });

  step("the client secret, by the printed command", async () => {
    await world.fillSecret();
    const findings = await world.doctor("--outputs", world.outputsFile);
    expect(findings.filter(({ verdict }) => verdict !== "good")).toEqual([]);
  });

  step("the first access token", async () => {
    kept = await world.signIn("Kept");
    const put = async (path: string, json?: unknown) =>
      (await callApi(world, ["PUT", path], kept.idToken, json)).status;
    expect(await put("/me")).toBe(201);
    expect(await put("/me/refresh-token", { refresh_token: kept.refreshToken })).toBe(200);
    expect(await exchange()).toEqual([200, "Bearer"]);
    took(startedAt, "IN ALL: an empty account → the first access token");
  });

  stillSo(OF_THE_DEPLOYMENT);

  step("the smoke suite: all checks, but for the engine's listed differences", async () => {
    expect(await smoke(world)).toEqual(AS_LISTED);
  });

  step("an admin command", async () => {
    const [, claims = ""] = kept.idToken.split(".");
    const { sub } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { sub: string };
    const printed = await world.command("admin", "--outputs", world.outputsFile, "status", sub);
    expect(printed).toMatch(/^grant +active$/m);
  });

  step("an update: another setting is deployed, and the users are still there", async () => {
    const { UsersTableName, GrantKeyArn } = world.outputs();
    await world.assemble("second", ["http://localhost:3001"]);
    await world.deploy("second");
    expect(world.outputs()).toMatchObject({
      CorsOrigins: '["http://localhost:3000","http://localhost:3001"]',
      UsersTableName,
      GrantKeyArn,
    });
    expect((await callApi(world, ["GET", "/me"], kept.idToken)).status).toBe(200);
  });

  step("an update that fails is rolled back, and users are served", async () => {
    breakAssembly(world.path("second"), world.path("broken"));
    const { code } = await world.engine.cdk(
      ...["deploy", API_STACK, "--exclusively", "--app", world.path("broken")],
      ...["--require-approval", "never"],
    );
    expect([code, await world.statusOf(API_STACK)]).toEqual([1, "UPDATE_ROLLBACK_COMPLETE"]);
    expect(await exchange()).toEqual([200, "Bearer"]);
    expect(await smoke(world)).toEqual(AS_LISTED);
  });

  step("cdk destroy stops at the protection of the data, and goes on once it is off", async () => {
    const args = ["--all", "--force", "--app", world.path("second")];
    const refused = await world.engine.cdk("destroy", ...args);
    expect([refused.code, refused.printed]).toEqual([
      1,
      expect.stringContaining("cannot be deleted while TerminationProtection is enabled"),
    ]);
    await world.engine.aws(
      ...["cloudformation", "update-termination-protection", "--no-enable-termination-protection"],
      ...["--stack-name", DATA_STACK],
    );
    succeeded(await world.engine.cdk("destroy", ...args));
  });

  step("the tables and the key are retained", async () => {
    const outputs = world.outputs();
    const tables = (await world.engine.aws("dynamodb", "list-tables"))["TableNames"];
    expect(tables).toEqual(
      ["RefreshTokensTableName", "SessionsTableName", "UsersTableName"].map((one) => outputs[one]),
    );
    const key = outputs["GrantKeyArn"] ?? "";
    expect(await world.engine.aws("kms", "describe-key", "--key-id", key)).toMatchObject({
      KeyMetadata: { KeyState: "Enabled" },
    });
  });

  step("cdk import adopts tables and key, and cdk deploy adds the rest", async () => {
    const before = world.outputs();
    const args = ["--stage", "local", "--outputs", world.outputsFile];
    const template = ["--template", world.path("second-data.json")];
    const mapping = JSON.parse(await world.command("adopt", ...args, ...template)) as object;
    // A difference of the engine's: it takes all of them but the secret.
    expect((await importBy({ ...mapping })).code).toBe(1);
    const sets = ["cloudformation", "list-change-sets", "--stack-name", DATA_STACK];
    expect(JSON.stringify(await world.engine.aws(...sets))).toContain(NO_IMPORT.observed);
    const { Resources: resources } = templateOf(world.path("second"), DATA_STACK);
    const isSecret = ([id]: [string, unknown]) =>
      resources[id]?.Type === "AWS::SecretsManager::Secret";
    const rest = Object.entries(mapping).filter((entry) => !isSecret(entry));
    succeeded(await importBy(Object.fromEntries(rest)));
    expect(await world.statusOf(DATA_STACK)).toBe("IMPORT_COMPLETE");

    await world.deploy("second");
    const { UsersTableName, RefreshTokensTableName, SessionsTableName, GrantKeyArn } = before;
    const adopted = { UsersTableName, RefreshTokensTableName, SessionsTableName, GrantKeyArn };
    expect(world.outputs()).toMatchObject(adopted);
    await world.fillSecret();
  });

  step("the user of before has an access token, from the refresh token sealed before", async () => {
    expect(await exchange()).toEqual([200, "Bearer"]);
    expect(await smoke(world)).toEqual(AS_LISTED);
  });
});
