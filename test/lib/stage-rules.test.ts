import { assertStage, EXAMPLE_CLIENT_ID, type Stage } from "../../lib/stage";
import { assertDeployable } from "../../lib/stage-rules";
import { dev } from "../../lib/stages/dev";
import { prod } from "../../lib/stages/prod";
import { STAGE } from "./synth";

const ACCOUNT = "123456789012";
const HERE = { account: ACCOUNT, region: "eu-central-1" };
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Nightly`;
const FOREIGN_ROLE = "arn:aws:iam::210987654321:role/Nightly";
const certificate = (region: string, account = ACCOUNT) => ({
  name: "api.app.test",
  certificateArn: `arn:aws:acm:${region}:${account}:certificate/1`,
});
const vault = (region: string, account: string) => ({
  keepDays: 1,
  copyTo: `arn:aws:backup:${region}:${account}:backup-vault:ours`,
});
const COOKIES = { sessions: { ...STAGE.sessions, transport: "cookie" } } as const;
const cookies = (origin: string, name: string): Partial<Stage> => ({
  ...COOKIES,
  corsOrigins: [origin],
  domain: { ...certificate("eu-central-1"), name },
});

test.each<[string, Partial<Stage>]>([
  ["idp.clientId", { idp: { ...STAGE.idp, clientId: EXAMPLE_CLIENT_ID } }],
  ["corsOrigins", { corsOrigins: ["https://www.app.example"] }],
  ["redirectUris", { redirectUris: ["https://app.example/callback"] }],
  ["domain.name", { domain: { ...certificate("eu-central-1"), name: "api.app.example" } }],
  ["alarms.email", { alarms: { email: "operator@app.example" } }],
  ["domain", COOKIES],
  ["corsOrigins", cookies("https://app.test", "api.other.test")],
  ["corsOrigins", cookies("http://localhost:3000", "api.app.test")],
  ["corsOrigins", cookies("https://evilapp.test", "api.app.test")],
  ["serviceRoleArns", { serviceRoleArns: [ROLE, FOREIGN_ROLE] }],
  ["operatorRoleArns", { operatorRoleArns: [FOREIGN_ROLE] }],
  ["domain.certificateArn", { domain: certificate("us-east-1") }],
  ["domain.certificateArn", { domain: certificate("eu-central-1", "210987654321") }],
  [
    "domain.hostedZone",
    { domain: { name: "api.app.test", hostedZone: { id: "Z1", name: "pp.test" } } },
  ],
  ["backup.copyTo", { backup: vault("eu-central-1", ACCOUNT) }],
  ["recoveryConcurrency", { recoveryConcurrency: 11, reservedConcurrency: { recovery: 10 } }],
])("is not deployed with a %s that cannot work (%#)", (field, changes) => {
  const stage: Stage = { ...STAGE, env: HERE, ...changes };
  expect(() => {
    assertDeployable(stage, undefined);
  }).toThrow(new RegExp(`^stage file: "${field.replace(".", "\\.")}" \\S[^\n]+$`));
});

test.each<[string, Partial<Stage>]>([
  ["dev, once it has a client id", {}],
  ["roles of its own account", { serviceRoleArns: [ROLE], operatorRoleArns: [ROLE] }],
  ["cookies for the parent of its domain", cookies("https://app.test", "api.app.test")],
  ["cookies for a sibling", cookies("https://www.app.test:8443", "api.app.test")],
  ["cookies for a page below its domain", cookies("https://www.app.test", "app.test")],
  ["a copy in another region", { backup: vault("eu-west-1", ACCOUNT) }],
  ["a copy in another account", { backup: vault("eu-central-1", "210987654321") }],
  [
    "as many recoveries as are reserved",
    { recoveryConcurrency: 9, reservedConcurrency: { recovery: 9 } },
  ],
])("is deployed: %s", (_, changes) => {
  expect(() => {
    assertDeployable({ ...STAGE, env: HERE, ...changes }, undefined);
  }).not.toThrow();
});

test("the account of the command line's profile counts where the stage names none", () => {
  const stage: Stage = { ...STAGE, serviceRoleArns: [FOREIGN_ROLE] };
  const deployTo = (account: string | undefined) => () => {
    assertDeployable(stage, account);
  };
  expect(deployTo(ACCOUNT)).toThrow('"serviceRoleArns" has');
  expect(deployTo("210987654321")).not.toThrow();
  expect(deployTo(undefined)).not.toThrow();
});

test.each([dev, prod])("the example $name is right but for what only its owner knows", (stage) => {
  expect(() => {
    assertDeployable(assertStage(stage), ACCOUNT);
  }).toThrow(`put your client id into lib/stages/${stage.name}.ts`);
});
