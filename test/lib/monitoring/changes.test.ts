/**
 * The rules over CloudTrail see a change of a key or of the client secret, by each name that it is
 * called by, and nothing else.
 */
import { resolve, type Scope } from "@rollup-vault/local-aws/template/intrinsics";
import { resourcesOf, STAGE, stageWith, synthesize } from "../synth";

const ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ClientSecret7F-vdHtS43BP1i1";

/** As CloudFormation would resolve them; each resource goes by the name of the secret. */
function scope(outputs: Readonly<Record<string, { readonly Value: unknown }>>): Scope {
  const pseudo: Readonly<Record<string, string>> = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
  };
  const inner: Scope = {
    ref: (name) => pseudo[name] ?? `${ARN}-knwb3S`,
    getAtt: () => `${ARN}-knwb3S`,
    importValue: () => "",
    stackOutput: (_, name) => resolve(outputs[name]?.Value, inner),
  };
  return inner;
}

interface Pattern {
  readonly [member: string]: readonly string[] | Pattern;
}

/**
 * Lists of exact values are all that the patterns have (EventBridge User Guide, "Event patterns").
 */
function matches(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([member, wanted]) => {
    const value = (event as Readonly<Record<string, unknown>> | undefined)?.[member];
    return Array.isArray(wanted)
      ? (wanted as readonly unknown[]).includes(value)
      : matches(wanted as Pattern, value);
  });
}

/** As CloudTrail tells EventBridge. */
const event = (source: string, eventName: string, requestParameters: object) => ({
  source: `aws.${source}`,
  "detail-type": "AWS API Call via CloudTrail",
  detail: { eventSource: `${source}.amazonaws.com`, eventName, requestParameters },
});

describe("what the topic is told of", () => {
  const { data, api } = synthesize(STAGE);
  const outputs = data.findOutputs("*") as Readonly<Record<string, { readonly Value: unknown }>>;
  const patterns = resourcesOf(api, "AWS::Events::Rule")
    .map(([id, { Properties }]) => [id, Properties["EventPattern"]] as const)
    .filter(([, pattern]) => pattern !== undefined)
    .map(([id, pattern]) => [id, resolve(pattern, scope(outputs)) as Pattern] as const);
  const told = (what: object) =>
    patterns
      .filter(([, pattern]) => matches(pattern, what))
      .map(([id]) => id.replace(/^Monitoring|[0-9A-F]{8}$/g, ""));

  test.each([
    ["its ARN", `${ARN}-knwb3S`],
    ["its name", "ClientSecret7F-vdHtS43BP1i1"],
    ["the ARN without what Secrets Manager adds", ARN],
  ])("the client secret is put in anew, called by %s", (_, secretId) => {
    for (const name of ["PutSecretValue", "UpdateSecretVersionStage", "DeleteSecret"]) {
      expect(told(event("secretsmanager", name, { secretId }))).toEqual(["SecretChanged"]);
    }
  });

  test.each(["DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"])("a key: %s", (name) => {
    expect(told(event("kms", name, { keyId: `${ARN}-knwb3S` }))).toEqual(["KeyChanged"]);
  });

  test.each([
    event("secretsmanager", "GetSecretValue", { secretId: `${ARN}-knwb3S` }),
    event("secretsmanager", "PutSecretValue", { secretId: "another" }),
    event("kms", "Decrypt", { keyId: `${ARN}-knwb3S` }),
    event("kms", "DisableKey", { keyId: "another" }),
  ])("nothing: %j", (what) => {
    expect(told(what)).toEqual([]);
  });
});

test("a stage without a secret watches none", () => {
  const { api } = synthesize(
    stageWith({ profile: "oidc", refreshTokenFormat: "jwt", clientAuthentication: "none" }),
  );
  expect(JSON.stringify(api.toJSON())).not.toContain("aws.secretsmanager");
});
