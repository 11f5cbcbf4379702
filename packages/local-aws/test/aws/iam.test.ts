import { GetItemCommand, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { DecryptCommand, GenerateDataKeyCommand } from "@aws-sdk/client-kms";
import type { AwsCall } from "../../src/aws/call";
import { createAuthorizer, type PolicyStatement } from "../../src/aws/iam";
import { startLocalAws } from "../../src/aws/start";
import { createClients, failure, USERS } from "./clients";

const TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/Users";
const call: AwsCall = {
  accessKeyId: "CALLER",
  service: "dynamodb",
  action: "GetItem",
  resource: TABLE,
  context: {},
  contextLists: {},
};
const allow: PolicyStatement = { Effect: "Allow", Action: "dynamodb:GetItem", Resource: TABLE };

function permits(statements: PolicyStatement[], changes: Partial<AwsCall> = {}): boolean {
  return createAuthorizer(new Map([["CALLER", statements]]))({ ...call, ...changes });
}

describe("a call is permitted", () => {
  test.each<[string, boolean, PolicyStatement[], Partial<AwsCall>]>([
    ["what a statement allows", true, [allow], {}],
    ["nothing by default", false, [], {}],
    ["no other action", false, [allow], { action: "PutItem" }],
    ["no action that only begins alike", false, [allow], { action: "GetItemX" }],
    ["no other service", false, [allow], { service: "kms" }],
    ["no other resource", false, [allow], { resource: `${TABLE}2` }],
    ["no unknown principal", false, [allow], { accessKeyId: "OTHER" }],
    ["not what is denied as well", false, [allow, { ...allow, Effect: "Deny" }], {}],
    ["actions in any case", true, [{ ...allow, Action: "DynamoDB:getitem" }], {}],
    [
      "one of several actions",
      true,
      [{ ...allow, Action: ["dynamodb:A", "dynamodb:GetItem"] }],
      {},
    ],
    ["actions by *", true, [{ ...allow, Action: "dynamodb:Get*" }], {}],
    ["actions by ?", false, [{ ...allow, Action: "dynamodb:Get?" }], {}],
    ["resources by *", true, [{ ...allow, Resource: "arn:aws:dynamodb:*:table/U?ers" }], {}],
    ["no resource in another case", false, [{ ...allow, Resource: TABLE.toLowerCase() }], {}],
    ["a dot as a dot only", false, [{ ...allow, Resource: TABLE.replace("-", ".") }], {}],
    ["without a resource only by *", true, [{ ...allow, Resource: "*" }], { resource: undefined }],
    ["without a resource not by an ARN", false, [allow], { resource: undefined }],
  ])("%s: %s", (_name, expected, statements, changes) => {
    expect(permits(statements, changes)).toBe(expected);
  });
});

describe("conditions", () => {
  const app = "kms:EncryptionContext:app";
  const keys = "kms:EncryptionContextKeys";
  const signing = "kms:SigningAlgorithm";
  const leading = "dynamodb:LeadingKeys";
  const attributes = "dynamodb:Attributes";
  test.each<[PolicyStatement["Condition"], Partial<AwsCall>, boolean]>([
    [{ StringEquals: { [app]: "vault" } }, { context: { [app]: "vault" } }, true],
    [{ StringEquals: { [app]: ["x", "vault"] } }, { context: { [app]: "vault" } }, true],
    [{ StringEquals: { [app]: "vault" } }, { context: { [app]: "Vault" } }, false],
    [
      { StringEquals: { [signing]: "ECDSA_SHA_256" } },
      { context: { [signing]: "ECDSA_SHA_256" } },
      true,
    ],
    [
      { StringEquals: { [signing]: "ECDSA_SHA_256" } },
      { context: { [signing]: "ECDSA_SHA_384" } },
      false,
    ],
    [{ StringEquals: { "kms:MessageType": "RAW" } }, {}, false],
    [{ StringEquals: { [app]: "vau*" } }, { context: { [app]: "vault" } }, false],
    [{ StringEquals: { [app]: "vault" } }, {}, false],
    [
      { StringEquals: { [app]: "vault", "kms:EncryptionContext:purpose": "grant" } },
      { context: { [app]: "vault" } },
      false,
    ],
    [{ StringLike: { [app]: "va?l*" } }, { context: { [app]: "vault" } }, true],
    [{ StringLike: { [app]: "va?l" } }, { context: { [app]: "vault" } }, false],
    [{ Null: { [app]: "true" } }, {}, true],
    [{ Null: { [app]: "false" } }, {}, false],
    [{ Null: { [app]: "false" } }, { context: { [app]: "vault" } }, true],
    [
      { "ForAllValues:StringEquals": { [keys]: ["app", "gen"] } },
      { contextLists: { [keys]: ["app"] } },
      true,
    ],
    [
      { "ForAllValues:StringEquals": { [keys]: ["app", "gen"] } },
      { contextLists: { [keys]: ["app", "other"] } },
      false,
    ],
    [{ "ForAllValues:StringEquals": { [keys]: "app" } }, {}, true],
    [
      { "ForAllValues:StringLike": { [leading]: "a*" } },
      { contextLists: { [leading]: ["ab"] } },
      true,
    ],
    [
      { "ForAnyValue:StringEquals": { [keys]: "gen" } },
      { contextLists: { [keys]: ["app", "gen"] } },
      true,
    ],
    [
      { "ForAnyValue:StringEquals": { [keys]: "gen" } },
      { contextLists: { [keys]: ["app"] } },
      false,
    ],
    [{ "ForAnyValue:StringEquals": { [keys]: "gen" } }, {}, false],
    [{ StringNotEquals: { [app]: ["x", "y"] } }, { context: { [app]: "vault" } }, true],
    [{ StringNotEquals: { [app]: ["x", "vault"] } }, { context: { [app]: "vault" } }, false],
    // Negated, a condition holds where its key is absent.
    [{ StringNotEquals: { [app]: "x" } }, {}, true],
    [{ StringNotLike: { [app]: "va*" } }, { context: { [app]: "vault" } }, false],
    [
      { "ForAllValues:StringNotLike": { [leading]: "§*" } },
      { contextLists: { [leading]: ["ann", "§"] } },
      false,
    ],
    [
      { "ForAllValues:StringNotLike": { [leading]: "§*" } },
      { contextLists: { [leading]: ["ann", "bob§"] } },
      true,
    ],
    [{ "ForAllValues:StringNotLike": { [leading]: "§*" } }, {}, true],
    [
      { "ForAnyValue:StringNotLike": { [leading]: ["§sweep", "§ended#*"] } },
      { contextLists: { [leading]: ["§ended#ann", "§sweep"] } },
      false,
    ],
    [
      { "ForAnyValue:StringNotLike": { [leading]: ["§sweep", "§ended#*"] } },
      { contextLists: { [leading]: ["§sweep", "§issuance"] } },
      true,
    ],
    [{ "ForAnyValue:StringNotLike": { [leading]: "§sweep" } }, {}, false],
    [
      { "ForAllValues:StringEquals": { [attributes]: ["sub", "due"] } },
      { contextLists: { [attributes]: ["sub", "Due"] } },
      false,
    ],
    [
      {
        "ForAllValues:StringEquals": { [attributes]: ["sub", "due"] },
        Null: { [attributes]: "false" },
      },
      {},
      false,
    ],
  ])("%j for %j: %s", (Condition, changes, expected) => {
    expect(permits([{ ...allow, Condition }], changes)).toBe(expected);
  });
});

describe("what is not understood exactly is refused when the policy is read", () => {
  test.each<[string, unknown]>([
    [
      "an unknown operator",
      { ...allow, Condition: { NumericEquals: { "kms:EncryptionContext:a": "1" } } },
    ],
    [
      "…IfExists",
      { ...allow, Condition: { StringEqualsIfExists: { "kms:EncryptionContext:a": "1" } } },
    ],
    [
      "an unknown condition key",
      { ...allow, Condition: { StringEquals: { "aws:SourceIp": "1" } } },
    ],
    [
      "a single-valued operator on several values",
      { ...allow, Condition: { StringEquals: { "dynamodb:LeadingKeys": "a" } } },
    ],
    [
      "a negated single-valued operator on several values",
      { ...allow, Condition: { StringNotLike: { "dynamodb:Attributes": "a" } } },
    ],
    ["a Null that is neither", { ...allow, Condition: { Null: { "dynamodb:LeadingKeys": "no" } } }],
    ["NotAction", { Effect: "Allow", NotAction: "a:b", Resource: "*" }],
    ["NotResource", { Effect: "Allow", Action: "a:b", NotResource: "*" }],
    ["a principal", { ...allow, Principal: "*" }],
    ["an unresolved reference", { ...allow, Resource: { Ref: "Users" } }],
    ["a policy variable", { ...allow, Resource: "table/${aws:username}" }],
    ["no effect", { Action: "a:b", Resource: "*" }],
  ])("%s", (_name, statement) => {
    const principals = new Map([["CALLER", [statement as PolicyStatement]]]);
    expect(() => createAuthorizer(principals)).toThrow(/not understood|must be|several values/);
  });
});

describe("over the wire", () => {
  test("S40: who may only generate data keys cannot open what they made", async () => {
    const principals = new Map<string, PolicyStatement[]>();
    let authorize: ReturnType<typeof createAuthorizer> = () => false;
    const aws = await startLocalAws({ authorize: (one) => authorize(one) });
    const key = await aws.createKey({ logicalId: "GrantKey" });
    const Condition = { StringEquals: { "kms:EncryptionContext:app": "vault" } };
    const common = { Effect: "Allow", Resource: key, Condition } as const;
    principals.set("INTAKE", [{ ...common, Action: "kms:GenerateDataKey" }]);
    principals.set("REFRESH", [{ ...common, Action: ["kms:GenerateDataKey", "kms:Decrypt"] }]);
    authorize = createAuthorizer(principals);
    const intake = createClients(aws.endpoints, "INTAKE");
    const refresh = createClients(aws.endpoints, "REFRESH");
    const EncryptionContext = { app: "vault" };
    const generate = (context?: Record<string, string>) =>
      new GenerateDataKeyCommand({ KeyId: key, KeySpec: "AES_256", EncryptionContext: context });

    const { CiphertextBlob, Plaintext } = await intake.kms.send(generate(EncryptionContext));
    const open = (KeyId?: string) =>
      new DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId });

    expect(await failure(intake.kms.send(open()))).toBe("AccessDeniedException 400");
    expect(await failure(intake.kms.send(open(key)))).toBe("AccessDeniedException 400");
    expect(await failure(intake.kms.send(generate()))).toBe("AccessDeniedException 400");
    expect(await failure(intake.kms.send(generate({ app: "x" })))).toBe(
      "AccessDeniedException 400",
    );
    expect((await refresh.kms.send(open())).Plaintext).toEqual(Plaintext);
    intake.destroy();
    refresh.destroy();
    await aws.close();
  });

  test("partition keys are known for single items and queries", async () => {
    const seen: AwsCall[] = [];
    const aws = await startLocalAws({ onCall: (one) => seen.push(one) });
    const arns = await aws.createTables([USERS]);
    const { dynamodb, destroy } = createClients(aws.endpoints);
    await dynamodb.send(new GetItemCommand({ TableName: "Users", Key: { sub: { S: "ann" } } }));
    await dynamodb.send(
      new QueryCommand({
        TableName: "Users",
        KeyConditionExpression: "#k = :v",
        ExpressionAttributeNames: { "#k": "sub" },
        ExpressionAttributeValues: { ":v": { S: "bob" } },
      }),
    );
    await dynamodb.send(new ScanCommand({ TableName: "Users" }));
    destroy();
    await aws.close();
    expect(seen.map(({ contextLists }) => contextLists["dynamodb:LeadingKeys"])).toEqual([
      ["ann"],
      ["bob"],
      undefined,
    ]);
    expect(seen.every(({ resource }) => resource === arns.get("Users"))).toBe(true);
  });
});
