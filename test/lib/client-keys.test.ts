/** Keys that sign as this client: what is deployed of them, and what is not deployed then. */
import type { Template } from "aws-cdk-lib/assertions";
import type { IdpSettings } from "../../lambda/env";
import { ASSERTION_SECONDS, MAX_TIME_LIMITS } from "../../lambda/time-limits";
import { functionTimeouts } from "../../lib/function-timeouts";
import { resourcesOf, STAGE, stageWith, synthesize } from "./synth";

const OPERATOR = "arn:aws:iam::123456789012:role/people/Operator";
const APPLE = { teamId: "TEAM123456", keys: ["KEY1234567"] };

function deploy(idp: Partial<IdpSettings>) {
  const stage = stageWith({ profile: "oidc", ...idp });
  return synthesize({ ...stage, operatorRoleArns: [OPERATOR] });
}

const signingKeys = (data: Template) =>
  resourcesOf(data, "AWS::KMS::Key").filter(([id]) => id.startsWith("ClientSigningKey"));
const namesOf = (template: Template) => Object.keys(template.findOutputs("*"));
const routesOf = (api: Template) =>
  resourcesOf(api, "AWS::ApiGatewayV2::Route").map(([, { Properties }]) => Properties["RouteKey"]);

describe("private_key_jwt", () => {
  const { data, api } = deploy({ clientAuthentication: "private_key_jwt" });

  test("S59: has a key, and no client secret at all", () => {
    expect(resourcesOf(data, "AWS::SecretsManager::Secret")).toEqual([]);
    expect(namesOf(data).filter((name) => name.includes("Secret"))).toEqual([]);
    expect(JSON.stringify(api.toJSON())).not.toMatch(/secretsmanager|CLIENT_SECRET/);
  });

  test("S55: its key is retained, for signing alone, and takes thirty days to delete", () => {
    const [[, key] = []] = signingKeys(data);
    expect(key).toMatchObject({
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY", PendingWindowInDays: 30 },
    });
    expect(key?.Properties["Origin"]).toBeUndefined();
  });

  test("S60: nobody but the API's functions and the named operators signs, whatever IAM allows", () => {
    const [[, key] = []] = signingKeys(data);
    const { Statement } = key?.Properties["KeyPolicy"] as { Statement: { Sid?: string }[] };
    expect(Statement.find(({ Sid }) => Sid === "NobodyElse")).toMatchObject({
      Effect: "Deny",
      Action: ["kms:CreateGrant", "kms:Sign"],
      Condition: { ArnNotLike: { "aws:PrincipalArn": [expect.anything(), OPERATOR] } },
    });
    expect(Statement.map(({ Sid }) => Sid)).toContain("NoHastyDeletion");
  });

  test("its public key has a route, and the outputs say where", () => {
    expect(routesOf(api)).toContain("GET /.well-known/jwks.json");
    expect(namesOf(api)).toContain("JwksUri");
    expect(namesOf(data)).toEqual(
      expect.arrayContaining(["ClientSigningKeyArn", "ClientSigningKey1Arn"]),
    );
  });
});

test("two keys stand side by side: the first one signs, both are published", () => {
  const { data, api } = deploy({
    clientAuthentication: "private_key_jwt",
    clientSigning: { keys: ["2027", "2026"], alg: "RS256" },
  });
  expect(signingKeys(data).map(([, { Properties }]) => Properties["KeySpec"])).toEqual([
    "RSA_2048",
    "RSA_2048",
  ]);
  const variables = resourcesOf(api, "AWS::Lambda::Function").map(([id, { Properties }]) => [
    id.replace(/Function[0-9A-F]{8}$/, ""),
    (Properties["Environment"] as { Variables: Record<string, unknown> } | undefined)?.Variables,
  ]);
  const { Sessions, Health } = Object.fromEntries(variables) as Record<
    string,
    Readonly<Record<string, unknown>>
  >;
  const signing = JSON.stringify(Sessions?.["CLIENT_SIGNING_KEY_ARN"]);
  expect(signing).toContain("ClientSigningKey2027");
  expect(signing).not.toContain("ClientSigningKey2026");
  expect(JSON.stringify(Health)).toMatch(/ClientSigningKey2027.*ClientSigningKey2026/);
  expect(Health).toMatchObject({ CLIENT_KEY_ALG: "RS256" });
});

test("a key can be published before it signs: then the secret is still there, and nobody signs", () => {
  const { data, api } = deploy({ clientSigning: { keys: ["1"] } });
  expect(resourcesOf(data, "AWS::SecretsManager::Secret")).toHaveLength(1);
  expect(routesOf(api)).toContain("GET /.well-known/jwks.json");
  expect(JSON.stringify(api.toJSON())).not.toContain("kms:Sign");
});

test("S59: Apple's key is imported, not published, and there is no secret", () => {
  const { data, api } = deploy({
    clientAuthentication: "signed_client_secret",
    clientSigning: APPLE,
  });
  const [[id, key] = []] = signingKeys(data);
  expect(id).toMatch(/^ClientSigningKeyKEY1234567/);
  expect(key?.Properties).toMatchObject({ Origin: "EXTERNAL", KeySpec: "ECC_NIST_P256" });
  expect(resourcesOf(data, "AWS::SecretsManager::Secret")).toEqual([]);
  expect(routesOf(api)).not.toContain("GET /.well-known/jwks.json");
  expect(JSON.stringify(api.toJSON())).not.toContain("kms:GetPublicKey");
});

test("S59: a public client has neither secret nor key", () => {
  const { data, api } = deploy({ clientAuthentication: "none" });
  expect(resourcesOf(data, "AWS::SecretsManager::Secret")).toEqual([]);
  expect(signingKeys(data)).toEqual([]);
  expect(JSON.stringify(api.toJSON())).not.toMatch(/kms:Sign|secretsmanager/);
});

test("an assertion outlives every function, with the longest time limits, and ten seconds of skew", () => {
  const { exchange, rotatingExchange, recovery, intake } = functionTimeouts({
    ...STAGE.idp,
    ...MAX_TIME_LIMITS,
  });
  const longest = Math.max(
    ...[exchange, rotatingExchange, recovery, intake].map((timeout) => timeout.toSeconds()),
  );
  expect(longest + 10).toBeLessThan(ASSERTION_SECONDS);
});
