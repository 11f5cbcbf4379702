/** Where stages can be deployed: in a new account, and beside each other. */
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { ApiStack } from "../../lib/api-stack";
import { DataStack } from "../../lib/data-stack";
import { assertStage, type Stage } from "../../lib/stage";
import { dev } from "../../lib/stages/dev";
import { prod } from "../../lib/stages/prod";
import { cdkContext, resourcesOf, stageWith, synthesize } from "./synth";

/** "Concurrent executions" of a new account, in all regions. */
const SMALLEST_LIMIT = 10;
/** What callers must have left of it. */
const LEFT_FOR_CALLERS = 4;

const EXAMPLES = [dev, prod].map((stage) => assertStage(stage));

const reservedIn = (template: Template) =>
  resourcesOf(template, "AWS::Lambda::Function").filter(
    ([, { Properties }]) => "ReservedConcurrentExecutions" in Properties,
  );

test.each(EXAMPLES)("$name reserves nothing of an account's executions", (stage) => {
  const { api } = synthesize(stage);
  expect(reservedIn(api)).toEqual([]);
  expect(resourcesOf(api, "AWS::Lambda::Function").length).toBeGreaterThan(6);
});

test("a stage may reserve, for the functions that it names", () => {
  const { api } = synthesize({ ...stageWith({}), reservedConcurrency: { accessToken: 40 } });
  expect(reservedIn(api).map(([id]) => id.replace(/Function.*/, ""))).toEqual(["AccessToken"]);
});

test("recovery leaves callers a part of the smallest account, whatever waits in the queues", () => {
  const { api } = synthesize(stageWith({ profile: "oidc", refreshTokenRotation: "strict" }));
  const most = resourcesOf(api, "AWS::Lambda::EventSourceMapping").map(([, { Properties }]) =>
    Number((Properties["ScalingConfig"] as { MaximumConcurrency: number }).MaximumConcurrency),
  );
  expect(most).toHaveLength(2);
  const sum = most.reduce((all, one) => all + one, 0);
  expect(sum).toBeLessThanOrEqual(SMALLEST_LIMIT - LEFT_FOR_CALLERS);
});

function addTo(app: App, stage: Stage): Template[] {
  const prefix = `RollupVault-${stage.name}`;
  const apiStackName = `${prefix}-Api`;
  const data = new DataStack(app, `${prefix}-Data`, { stage, apiStackName });
  const api = new ApiStack(app, apiStackName, { stage, data });
  return [Template.fromStack(data), Template.fromStack(api)];
}

/** Properties that give a resource a name which may exist once in an account or region. */
const NAMES =
  /"(?:TableName|FunctionName|RoleName|QueueName|LogGroupName|BackupVaultName|AliasName|PolicyName|RuleName)":"([^"]+)"/g;

test("two stages in one account have no name in common", () => {
  const [one, other] = EXAMPLES.map((stage) => {
    const app = new App({ context: { ...cdkContext(), "aws:cdk:bundling-stacks": [] } });
    return addTo(app, stage).map((template) => JSON.stringify(template.toJSON()));
  });
  for (const text of [...(one ?? []), ...(other ?? [])]) {
    expect(text).not.toContain('"Export"');
    // Inline policies and rules of a plan are named within their owner.
    const names = [...text.matchAll(NAMES)]
      .map(([, name = ""]) => name)
      .filter((name) => !/DefaultPolicy[0-9A-F]{8}$|^PlanRule0$/.test(name));
    expect(names.filter((name) => !/^RollupVault(?:dev|prod)/.test(name))).toEqual([]);
  }
  const outside = (texts: readonly string[] = []) =>
    texts.flatMap((text) => [...text.matchAll(/"StackName":"([^"]+)"/g)].map(([, name]) => name));
  expect(new Set(outside(one))).toEqual(new Set(["RollupVault-dev-Data"]));
  expect(new Set(outside(other))).toEqual(new Set(["RollupVault-prod-Data"]));
});

test("two syntheses of one tree are the same, byte for byte", () => {
  const bytes = () => JSON.stringify(Object.values(synthesize(EXAMPLES[1])).map((t) => t.toJSON()));
  expect(bytes()).toBe(bytes());
});

const PINNED = [
  "BackupsVault1F11AFCC",
  "ClientSecret",
  "GrantKey9003CDB3",
  "OrderedRecoveryTasks7B24A4A4",
  "RecoveryDeadLetters9FFE9A17",
  "RecoveryTasks1C3B93DD",
  "RefreshTokens585DE461",
  "SecretKey573D36D8",
  "Sessions8896A56D",
  "Users0A0EEA89",
];

test("what holds data keeps its logical id: another one would be another resource", () => {
  const everything = synthesize({
    ...stageWith({ profile: "oidc", refreshTokenRotation: "strict" }),
    backup: { keepDays: 1 },
    secretKey: true,
  }).data;
  const keyed = synthesize(
    stageWith({
      profile: "oidc",
      clientAuthentication: "private_key_jwt",
      clientSigning: { keys: ["a"] },
    }),
  ).data;
  const idsOf = (template: Template) =>
    Object.entries(template.toJSON()["Resources"] as Record<string, { Type: string }>)
      .filter(([, { Type }]) => /::(?:Table|Key|Secret|Queue|BackupVault)$/.test(Type))
      .map(([id]) => id)
      .sort();
  expect(idsOf(everything)).toEqual(PINNED);
  expect(idsOf(keyed)).toContain("ClientSigningKeya");
});

describe("a stage whose users may be lost", () => {
  const { data, api } = synthesize({
    ...stageWith({ profile: "oidc", refreshTokenRotation: "strict" }),
    retain: false,
    backup: { keepDays: 1 },
  });

  test("leaves nothing behind and protects nothing", () => {
    for (const template of [data, api]) {
      const kept = Object.entries(
        template.toJSON()["Resources"] as Record<string, { DeletionPolicy?: string }>,
      ).filter(([, { DeletionPolicy }]) => DeletionPolicy === "Retain");
      expect(kept).toEqual([]);
    }
    for (const [, { Properties }] of resourcesOf(data, "AWS::DynamoDB::Table")) {
      expect(Properties["DeletionProtectionEnabled"]).toBe(false);
    }
  });
});

test.each(EXAMPLES)("$name keeps its logs when its stacks go", (stage) => {
  const groups = resourcesOf(synthesize(stage).api, "AWS::Logs::LogGroup");
  expect(groups.length).toBeGreaterThan(7);
  for (const [, group] of groups) {
    expect(group).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
  }
});
