/**
 * A deployment from an empty account to its end and back, on an engine that nobody here wrote, by
 * the commands of docs/runbook.md. The steps build on each other.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { preparedPython } from "@rollup-vault/local-aws/testing/ministack/start-ministack";
import { type RollupId, startRollupId } from "@rollup-vault/local-rollup-id/start";
import { CHECKS } from "../../bin/smoke/checks";
import { runSmoke } from "../../bin/smoke/main";
import type { Result } from "../../bin/smoke/run-checks";
import type { LocalContext } from "../../lib/stages/local";
import { fetchTokens, type RollupIdTokens } from "../../local/rollup-id-tokens";
import { synthesize } from "../../local/synthesize";
import { API_STACK, breakAssembly, DATA_STACK, removeMissing, templateOf } from "./assemblies";
import { MISSING, OTHER_DIFFERENCES, SMOKE_DIFFERENCES } from "./differences";
import { ACCOUNT, type Engine, REGION, startEngine } from "./engine";

jest.setTimeout(600_000);

const pythons = { ministack: preparedPython("ministack"), awscli: preparedPython("awscli") };
const canRun = pythons.ministack !== undefined && pythons.awscli !== undefined;

const REDIRECT_URI = "http://localhost:3000/callback";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Backend`;
const PROTECTED = "TerminationProtection";

let folder: string;
let engine: Engine;
let provider: RollupId;
let startedAt: number;
let outputsFile: string;
/** The user who is there before the destruction and has to be there after it. */
let kept: RollupIdTokens;
const times: string[] = [];

const assembly = (name: string) => join(folder, name);
const context = (more: readonly string[] = []): LocalContext => ({
  issuer: provider.issuer,
  clientId: provider.clientId,
  redirectUris: [REDIRECT_URI],
  corsOrigins: ["http://localhost:3000", ...more],
  serviceRoleArns: [ROLE],
  // Asked twice within a minute, it has to exchange twice.
  limits: { exchangeIntervalSeconds: 0 },
});

type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

function outputs(): Readonly<Record<string, string>> {
  const all = JSON.parse(readFileSync(outputsFile, "utf8")) as Outputs;
  return { ...all[DATA_STACK], ...all[API_STACK] };
}

/** A difference of the engine's (differences.ts): its path instead of the API's own name. */
function apiUrl(): string {
  // No URL of the WHATWG's: its host ends in a number.
  const [, id = ""] = /^http:\/\/(\w+)\./.exec(outputs()["ApiUrl"] ?? "") ?? [];
  return `${engine.endpoint}/_aws/execute-api/${id}/$default`;
}

async function api(method: string, path: string, bearer?: string, json?: unknown) {
  const response = await fetch(`${apiUrl()}${path}`, {
    method,
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(json !== undefined && { "content-type": "application/json" }),
    },
    body: JSON.stringify(json),
  });
  const text = await response.text();
  const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
  return { status: response.status, body };
}

async function signIn(name: string): Promise<RollupIdTokens> {
  return await fetchTokens({ ...provider, redirectUri: REDIRECT_URI }, name);
}

/** What the CDK makes, but for the engine's missing resources (differences.ts). */
async function assemble(name: string, moreOrigins: readonly string[] = []): Promise<void> {
  await synthesize(context(moreOrigins), assembly(name));
  expect(removeMissing(assembly(name), MISSING)).toEqual(MISSING);
}

async function deploy(name: string) {
  const args = ["--all", "--app", assembly(name), "--require-approval", "never"];
  return await engine.cdk("deploy", ...args, "--outputs-file", outputsFile);
}

async function fillSecret(): Promise<void> {
  const command = outputs()["PutClientSecretCommand"] ?? "";
  // Node's own standard input is a socket, which /dev/stdin cannot open.
  const { code, printed } = await engine.shell(`cat | ${command}`, provider.clientSecret);
  expect([code, printed]).toEqual([0, expect.any(String)]);
}

async function statusOf(stack: string): Promise<unknown> {
  const { Stacks: stacks } = await engine.aws(
    ...["cloudformation", "describe-stacks", "--stack-name", stack],
  );
  return (stacks as readonly Record<string, unknown>[])[0]?.["StackStatus"];
}

async function doctor(...args: readonly string[]): Promise<readonly Record<string, string>[]> {
  const { out } = await engine.shell(
    `"${process.execPath}" bin/rollup-vault.cjs doctor --json ${args.join(" ")}`,
  );
  return JSON.parse(out) as Record<string, string>[];
}

/** What `rollup-vault adopt` prints, but for what the engine cannot import (differences.ts). */
async function adopted(): Promise<Readonly<Record<string, unknown>>> {
  const template = join(assembly("second"), `${DATA_STACK}.template.json`);
  const { code, out, printed } = await engine.shell(
    `"${process.execPath}" bin/rollup-vault.cjs adopt --stage local --outputs ${outputsFile} ` +
      `--template ${template}`,
  );
  expect([code, printed]).toEqual([0, expect.any(String)]);
  const { Resources: resources } = templateOf(assembly("second"), DATA_STACK);
  return Object.fromEntries(
    Object.entries(JSON.parse(out) as Record<string, unknown>).filter(
      ([id]) => resources[id]?.Type !== "AWS::SecretsManager::Secret",
    ),
  );
}

/** @returns the checks that did not pass, with what they say */
async function smoke(): Promise<readonly Pick<Result, "name" | "outcome" | "why">[]> {
  const person = `Smoke ${String(Date.now())}`;
  const { idToken, refreshToken } = await signIn(person);
  const foreign = (await (await fetch(`${provider.issuer}/foreign-id-token?user=x`)).json()) as {
    readonly id_token: string;
  };
  const { Credentials: keys } = await engine.aws(
    ...["sts", "assume-role", "--role-arn", ROLE, "--role-session-name", "drill"],
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = keys as Record<string, string>;
  const out: string[] = [];
  const args = ["--outputs", outputsFile, "--api-url", apiUrl(), "--service", "--json"];
  await runSmoke(args, {
    write: (text) => out.push(text),
    fail: () => undefined,
    read: async () => await Promise.resolve(""),
    ask: undefined,
    env: {
      SMOKE_ID_TOKEN: idToken,
      SMOKE_REFRESH_TOKEN: refreshToken,
      SMOKE_FOREIGN_ID_TOKEN: foreign.id_token,
      AWS_ACCESS_KEY_ID: AccessKeyId,
      AWS_SECRET_ACCESS_KEY: SecretAccessKey,
      AWS_SESSION_TOKEN: SessionToken,
    },
    again: async () => await signIn(person),
  });
  const { checks } = JSON.parse(out.join("")) as { readonly checks: readonly Result[] };
  expect(checks).toHaveLength(CHECKS.length);
  return checks
    .filter(({ outcome }) => outcome !== "passed")
    .map(({ name, outcome, why }) => ({ name, outcome, why }));
}

/** Exactly what is listed, each in its own words. */
const AS_LISTED = SMOKE_DIFFERENCES.map(({ check, observed }) => ({
  name: check,
  outcome: "failed",
  why: expect.stringMatching(observed) as string,
}));

/** One step of the sequence, with its time. */
function step(name: string, work: () => Promise<void>): void {
  test(name, async () => {
    const from = performance.now();
    await work();
    times.push(`${((performance.now() - from) / 1000).toFixed(1).padStart(6)} s  ${name}`);
  });
}

// Skipped, and counted as skipped, where the engine or the AWS CLI cannot be installed.
(canRun ? describe : describe.skip)("the deployment drill, on ministack", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "drill-"));
    outputsFile = join(folder, "outputs.json");
    const { ministack = "", awscli = "" } = pythons;
    engine = await startEngine({ ministack, awscli }, folder);
    provider = await startRollupId({ port: 0, redirectUris: [REDIRECT_URI] });
    await assemble("first");
    startedAt = performance.now();
  });

  afterAll(async () => {
    await engine.close();
    await provider.close();
    rmSync(folder, { recursive: true, force: true });
    const lines = [...times, ...Object.entries(OTHER_DIFFERENCES).map((pair) => pair.join(": "))];
    process.stderr.write(`\n${lines.map((line) => `  ${line}`).join("\n")}\n`);
  });

  step("the doctor says that the account is not bootstrapped, and how to do it", async () => {
    expect(await doctor()).toContainEqual({
      about: "bootstrap",
      verdict: "bad",
      sentence: `${REGION} of ${ACCOUNT} is not bootstrapped for the CDK`,
      mend: `npx cdk bootstrap aws://${ACCOUNT}/${REGION}`,
    });
  });

  test.each(MISSING)("the engine has no $type as it is listed", async ({ type, property }) => {
    const resource = { Type: type, Properties: property === undefined ? {} : { [property]: [{}] } };
    const name = `Probe${String(MISSING.findIndex((one) => one.type === type))}`;
    const create = ["cloudformation", "create-stack", "--stack-name", name, "--template-body"];
    const created = engine.aws(...create, JSON.stringify({ Resources: { Probe: resource } }));
    if (property === undefined) {
      await expect(created).rejects.toThrow(`Unrecognized resource types: [${type}]`);
      return;
    }
    await created;
    const events = async () =>
      JSON.stringify(
        await engine.aws("cloudformation", "describe-stack-events", "--stack-name", name),
      );
    while (!/(ROLLBACK|CREATE)_COMPLETE/.test(await events())) {
      await sleep(200);
    }
    expect(await events()).toContain(`${type} Properties.${property} (metric math)`);
    await engine.aws("cloudformation", "delete-stack", "--stack-name", name);
  });

  step("cdk bootstrap, after which the doctor is content with it", async () => {
    const args = ["--app", assembly("first")];
    const { code, printed } = await engine.cdk("bootstrap", `aws://${ACCOUNT}/${REGION}`, ...args);
    expect([code, printed]).toEqual([0, expect.any(String)]);
    const findings = await doctor();
    expect(findings.find(({ about }) => about === "bootstrap")?.["verdict"]).toBe("good");
  });

  step("cdk deploy --all", async () => {
    const { code, printed } = await deploy("first");
    expect([code, printed]).toEqual([0, expect.any(String)]);
  });

  step("the client secret, by the printed command", async () => {
    await fillSecret();
    const findings = await doctor("--outputs", outputsFile);
    expect(findings.filter(({ verdict }) => verdict !== "good")).toEqual([]);
  });

  step("the first access token", async () => {
    kept = await signIn("Kept");
    expect((await api("PUT", "/me", kept.idToken)).status).toBe(201);
    const json = { refresh_token: kept.refreshToken };
    expect((await api("PUT", "/me/refresh-token", kept.idToken, json)).status).toBe(200);
    const { status, body } = await api("POST", "/me/access-token", kept.idToken, {});
    expect([status, body["token_type"]]).toEqual([200, "Bearer"]);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    times.push(`${seconds.padStart(6)} s  in all: empty account → first access token`);
  });

  step("the smoke suite: all checks, but for the engine's listed differences", async () => {
    await engine.aws(
      ...["iam", "create-role", "--role-name", "Backend", "--assume-role-policy-document"],
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}',
    );
    expect(await smoke()).toEqual(AS_LISTED);
  });

  step("an admin command", async () => {
    const sub = JSON.parse(
      Buffer.from(kept.idToken.split(".")[1] ?? "", "base64url").toString(),
    ) as { readonly sub: string };
    const { code, out, printed } = await engine.shell(
      `"${process.execPath}" bin/rollup-vault.cjs admin --outputs ${outputsFile} status '${sub.sub}'`,
    );
    expect([code, printed]).toEqual([0, expect.any(String)]);
    expect(out).toContain("active");
  });

  step("an update: another setting is deployed, and the users are still there", async () => {
    const before = outputs();
    await assemble("second", ["http://localhost:3001"]);
    const { code, printed } = await deploy("second");
    expect([code, printed]).toEqual([0, expect.any(String)]);
    expect(outputs()["CorsOrigins"]).toBe('["http://localhost:3000","http://localhost:3001"]');
    expect(outputs()).toMatchObject({
      UsersTableName: before["UsersTableName"],
      GrantKeyArn: before["GrantKeyArn"],
    });
    expect((await api("GET", "/me", kept.idToken)).status).toBe(200);
  });

  step("an update that fails is rolled back, and users are served", async () => {
    breakAssembly(assembly("second"), assembly("broken"));
    const { code } = await engine.cdk(
      ...["deploy", API_STACK, "--exclusively", "--app", assembly("broken")],
      ...["--require-approval", "never"],
    );
    expect(code).not.toBe(0);
    expect(await statusOf(API_STACK)).toBe("UPDATE_ROLLBACK_COMPLETE");
    const json = { min_validity: 86_400 };
    expect((await api("POST", "/me/access-token", kept.idToken, json)).status).toBe(200);
    expect(await smoke()).toEqual(AS_LISTED);
  });

  step("cdk destroy stops at the protection of the data, and goes on once it is off", async () => {
    const args = ["--all", "--force", "--app", assembly("second")];
    const refused = await engine.cdk("destroy", ...args);
    expect([refused.code, refused.printed]).toEqual([1, expect.stringContaining(PROTECTED)]);
    await engine.aws(
      ...["cloudformation", "update-termination-protection", "--no-enable-termination-protection"],
      ...["--stack-name", DATA_STACK],
    );
    const { code, printed } = await engine.cdk("destroy", ...args);
    expect([code, printed]).toEqual([0, expect.any(String)]);
  });

  step("the tables are retained", async () => {
    const tables = (await engine.aws("dynamodb", "list-tables"))["TableNames"] as string[];
    const { UsersTableName, RefreshTokensTableName, SessionsTableName } = outputs();
    expect(tables).toEqual(
      expect.arrayContaining([UsersTableName, RefreshTokensTableName, SessionsTableName]),
    );
  });

  step("cdk import adopts tables and key, and cdk deploy adds the rest", async () => {
    const mapping = join(folder, "mapping.json");
    writeFileSync(mapping, JSON.stringify(await adopted()));
    const args = ["--app", assembly("second"), "--force", "--resource-mapping", mapping];
    const imported = await engine.cdk("import", DATA_STACK, ...args);
    expect([imported.code, imported.printed]).toEqual([0, expect.any(String)]);
    expect(await statusOf(DATA_STACK)).toBe("IMPORT_COMPLETE");
    const before = outputs();
    const { code, printed } = await deploy("second");
    expect([code, printed]).toEqual([0, expect.any(String)]);
    expect(outputs()).toMatchObject({
      UsersTableName: before["UsersTableName"],
      RefreshTokensTableName: before["RefreshTokensTableName"],
      GrantKeyArn: before["GrantKeyArn"],
    });
    await fillSecret();
  });

  step("the user of before has an access token, from the refresh token sealed before", async () => {
    const json = { min_validity: 86_400 };
    const { status, body } = await api("POST", "/me/access-token", kept.idToken, json);
    expect([status, body["token_type"]]).toEqual([200, "Bearer"]);
    expect(await smoke()).toEqual(AS_LISTED);
  });
});
