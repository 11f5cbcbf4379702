import { GOLDEN } from "./golden-permissions";
import { resourcesOf, stageWith, synthesize } from "./synth";

describe("besides the functions' own policies", () => {
  const { api, data } = synthesize();

  test("S54: roles have nothing, and only Lambda takes them on", () => {
    const roles = resourcesOf(api, "AWS::IAM::Role");
    expect(roles).toHaveLength(Object.keys(GOLDEN).length);
    for (const [, { Properties }] of roles) {
      expect(Object.keys(Properties)).toEqual(["AssumeRolePolicyDocument"]);
      expect(Properties["AssumeRolePolicyDocument"]).toMatchObject({
        Statement: [
          {
            Action: "sts:AssumeRole",
            Effect: "Allow",
            Principal: { Service: "lambda.amazonaws.com" },
          },
        ],
      });
    }
    expect(resourcesOf(data, "AWS::IAM::Role")).toEqual([]);
    expect(resourcesOf(data, "AWS::IAM::Policy")).toEqual([]);
  });

  test("each role's policies are within what IAM takes of a role, also where most is deployed", () => {
    const stage = stageWith({
      profile: "oidc",
      refreshTokenIdleSeconds: 86_400,
      revocationEndpoint: "https://passport.example/revoke",
    });
    const sizes = resourcesOf(synthesize(stage).api, "AWS::IAM::Policy").map(
      ([, { Properties }]) => JSON.stringify(Properties["PolicyDocument"]).length,
    );
    // Inline policies of a role, together, in characters without white space (IAM User Guide, "IAM
    // and AWS STS quotas").
    expect(Math.max(...sizes)).toBeLessThan(10_240);
  });

  test("only this API invokes functions, each by its own routes, and the clock the sweeper", () => {
    const all = resourcesOf(api, "AWS::Lambda::Permission");
    const isClock = ({ Principal }: Record<string, unknown>) =>
      Principal === "events.amazonaws.com";
    const clocked = all.filter(([, { Properties }]) => isClock(Properties));
    expect(clocked).toHaveLength(1);
    expect(JSON.stringify(clocked)).toMatch(/"Fn::GetAtt":\["SweepFunction[0-9A-F]{8}","Arn"\]/);
    const permissions = all.filter(([, { Properties }]) => !isClock(Properties));
    expect(permissions).toHaveLength(17);
    for (const [, { Properties }] of permissions) {
      expect(Properties).toMatchObject({
        Action: "lambda:InvokeFunction",
        Principal: "apigateway.amazonaws.com",
      });
      expect(JSON.stringify(Properties["SourceArn"])).toMatch(
        /execute-api.*"Ref":"HttpApi[0-9A-F]{8}"/,
      );
    }
    expect(resourcesOf(api, "AWS::Lambda::Url")).toEqual([]);
  });
});
