/** A change of the client secret is seen by each name that Secrets Manager knows it by. */
import { resolve, type Scope } from "@rollup-vault/local-aws/template/intrinsics";
import { resourcesOf, STAGE, stageWith, synthesize } from "../synth";

const ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ClientSecret7F-vdHtS43BP1i1";

/** As CloudFormation would resolve them; the secret is the only resource that is asked for. */
function scope(outputs: Readonly<Record<string, { readonly Value: unknown }>>): Scope {
  const pseudo: Readonly<Record<string, string>> = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
  };
  const inner: Scope = {
    ref: (name) => pseudo[name] ?? `${ARN}-knwb3S`,
    getAtt: (name) => name,
    importValue: () => "",
    stackOutput: (_, name) => resolve(outputs[name]?.Value, inner),
  };
  return inner;
}

test("by its ARN, its name, and the ARN without the part that Secrets Manager adds", () => {
  const { data, api } = synthesize(STAGE);
  const outputs = data.findOutputs("*") as Readonly<Record<string, { readonly Value: unknown }>>;
  const patterns = resourcesOf(api, "AWS::Events::Rule")
    .map(([, { Properties }]) => Properties["EventPattern"])
    .filter((pattern) => JSON.stringify(pattern ?? {}).includes('"aws.secretsmanager"'));
  expect(patterns).toHaveLength(1);
  expect(resolve(patterns[0], scope(outputs))).toMatchObject({
    detail: {
      requestParameters: { secretId: [`${ARN}-knwb3S`, "ClientSecret7F-vdHtS43BP1i1", ARN] },
    },
  });
});

test("a stage without a secret watches none", () => {
  const { api } = synthesize(
    stageWith({ profile: "oidc", refreshTokenFormat: "jwt", clientAuthentication: "none" }),
  );
  expect(JSON.stringify(api.toJSON())).not.toContain("aws.secretsmanager");
});
