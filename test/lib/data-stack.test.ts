import type { Template } from "aws-cdk-lib/assertions";
import { onlyResource, resourcesOf, STAGE, synthesize } from "./synth";

const { data } = synthesize();

describe("S55: what must never be lost", () => {
  const tables = resourcesOf(data, "AWS::DynamoDB::Table");

  test("there are three tables, and their keys are what the data says", () => {
    const keys = tables.map(([id, { Properties }]) => [
      id.replace(/[0-9A-F]{8}$/, ""),
      Properties["KeySchema"],
    ]);
    expect(Object.fromEntries(keys)).toEqual({
      Users: [{ AttributeName: "sub", KeyType: "HASH" }],
      RefreshTokens: [{ AttributeName: "sub", KeyType: "HASH" }],
      Sessions: [{ AttributeName: "tokenHash", KeyType: "HASH" }],
    });
  });

  test.each(tables)("%s is retained, protected, recoverable and billed by use", (_, table) => {
    expect(table).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    expect(table.Properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      BillingMode: "PAY_PER_REQUEST",
    });
    expect(table.Properties["TableName"]).toBeUndefined();
  });

  test("grants are found by status, unfinished erasures by being unfinished, by keys alone", () => {
    const indexes = tables.flatMap(([id, { Properties }]) =>
      ((Properties["GlobalSecondaryIndexes"] ?? []) as Record<string, unknown>[]).map((index) => [
        id.replace(/[0-9A-F]{8}$/, ""),
        index["IndexName"],
        (index["Projection"] as Record<string, unknown>)["ProjectionType"],
      ]),
    );
    expect(indexes).toEqual([
      ["Users", "erasing", "KEYS_ONLY"],
      ["RefreshTokens", "byStatus", "KEYS_ONLY"],
      ["Sessions", "bySub", "ALL"],
    ]);
  });

  test("sessions expire by themselves and are found by subject", () => {
    const [, sessions] = tables.find(([id]) => id.startsWith("Sessions")) ?? [];
    expect(sessions?.Properties).toMatchObject({
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
      GlobalSecondaryIndexes: [
        { IndexName: "bySub", KeySchema: [{ AttributeName: "sub", KeyType: "HASH" }] },
      ],
    });
  });

  test("the key is retained, rotates, and takes thirty days to delete", () => {
    const key = onlyResource(data, "AWS::KMS::Key");
    expect(key).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    expect(key.Properties).toMatchObject({ EnableKeyRotation: true, PendingWindowInDays: 30 });
  });

  test("the key's use is granted by IAM alone, and nobody may schedule its deletion sooner", () => {
    const { KeyPolicy } = onlyResource(data, "AWS::KMS::Key").Properties as {
      KeyPolicy: { Statement: Record<string, unknown>[] };
    };
    expect(KeyPolicy.Statement).toEqual([
      {
        Action: "kms:*",
        Effect: "Allow",
        // AWS reads the account's root here as "whomever this account's IAM allows".
        Principal: { AWS: expect.anything() },
        Resource: "*",
      },
      {
        Sid: "NoHastyDeletion",
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "kms:ScheduleKeyDeletion",
        Resource: "*",
        Condition: { NumericLessThan: { "kms:ScheduleKeyDeletionPendingWindowInDays": 30 } },
      },
      expect.objectContaining({ Sid: "NobodyElse" }),
    ]);
    expect(JSON.stringify(KeyPolicy.Statement[0])).toContain(
      ':iam::",{"Ref":"AWS::AccountId"},":root',
    );
  });

  describe("nobody but the API's functions and the operators that the stage names uses the key, whatever IAM allows", () => {
    const PARTITION = { Ref: "AWS::Partition" };
    const ACCOUNT = { Ref: "AWS::AccountId" };
    const OPERATOR = "arn:aws:iam::123456789012:role/people/Operator";

    function denialIn(template: Template): unknown {
      const { KeyPolicy } = onlyResource(template, "AWS::KMS::Key").Properties as {
        KeyPolicy: { Statement: { Sid?: string }[] };
      };
      return KeyPolicy.Statement.find(({ Sid }) => Sid === "NobodyElse");
    }

    function denialOf(pattern: string, operators: readonly string[] = []) {
      const join = ["arn:", PARTITION, ":iam::", ACCOUNT, `:role/${pattern}`];
      const roles = { "Fn::Join": ["", join] };
      return {
        Sid: "NobodyElse",
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: ["kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        Resource: "*",
        Condition: {
          ArnNotLike: { "aws:PrincipalArn": [roles, ...operators] },
          // Requests of AWS's own services have no role.
          Bool: { "aws:PrincipalIsAWSService": "false" },
        },
      };
    }

    test.each([
      ["RollupVault-dev-Api", "RollupVault-dev-Api-*"],
      // CloudFormation keeps 24 characters of a stack's name in the names of its roles.
      ["RollupVault-production-Api", "RollupVault-production-A*"],
      ["RollupVault-twelve-chars", "RollupVault-twelve-chars*"],
    ])("the roles of %s are known by %s", (stackName, pattern) => {
      expect(denialIn(synthesize(STAGE, stackName).data)).toEqual(denialOf(pattern));
    });

    test("operators are named one by one", () => {
      const stage = { ...STAGE, operatorRoleArns: [OPERATOR] };
      expect(denialIn(synthesize(stage).data)).toEqual(denialOf("Api-*", [OPERATOR]));
    });
  });

  test("the client secret is created without a value, so that no deployment ever overwrites one", () => {
    const secret = onlyResource(data, "AWS::SecretsManager::Secret");
    expect(secret).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    expect(Object.keys(secret.Properties)).toEqual(["Description"]);
  });
});

test("the outputs name the tables, the key, the secret, and the command that fills it from standard input", () => {
  const outputs = Object.keys(data.findOutputs("*")).filter(
    (name) => !name.startsWith("PublishOutput"),
  );
  expect(outputs.sort()).toEqual([
    "ClientSecretArn",
    "ClientSecretName",
    "GrantKeyArn",
    "PutClientSecretCommand",
    "RefreshTokensTableName",
    "SessionsTableName",
    "UsersTableName",
  ]);
});

test("the command fills the secret from standard input: it is in no history and no process list", () => {
  const { PutClientSecretCommand } = data.findOutputs("PutClientSecretCommand") as {
    PutClientSecretCommand: { Value: { "Fn::Join": [string, unknown[]] } };
  };
  expect(PutClientSecretCommand.Value["Fn::Join"]).toEqual([
    "",
    [
      "aws secretsmanager put-secret-value --region ",
      { Ref: "AWS::Region" },
      " --secret-id ",
      { Ref: "ClientSecret" },
      " --secret-string file:///dev/stdin",
    ],
  ]);
});
