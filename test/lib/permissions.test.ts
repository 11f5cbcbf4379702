/** Who may do what: the golden list. It changes only together with a function's duties. */
import type { Template } from "aws-cdk-lib/assertions";
import type { StageConfig } from "../../lib/stage";
import { resourcesOf, STAGE, synthesize } from "./synth";

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

type Permission = readonly [effect: string, action: string, resource: string, condition?: unknown];

const OUR_CONTEXT = {
  StringEquals: {
    "kms:EncryptionContext:app": "rollup-vault",
    "kms:EncryptionContext:purpose": "grant",
  },
};

const everyFunction = (name: string): Permission[] => [
  ["Allow", "logs:CreateLogStream", `log group of ${name}`],
  ["Allow", "logs:PutLogEvents", `log group of ${name}`],
  ["Allow", "xray:PutTelemetryRecords", "*"],
  ["Allow", "xray:PutTraceSegments", "*"],
];
/**
 * Requests that name these attributes and no others; `Null`, since ForAllValues alone also holds
 * without any.
 */
const only = (attributes: string) => ({
  "ForAllValues:StringEquals": { "dynamodb:Attributes": attributes.split(" ").sort() },
  Null: { "dynamodb:Attributes": "false" },
});
const OF_USERS = {
  "ForAllValues:StringNotLike": { "dynamodb:LeadingKeys": "\u00a7*" },
  Null: { "dynamodb:LeadingKeys": "false" },
};
const BOTH_PRESENT = {
  Null: { "dynamodb:Attributes": "false", "dynamodb:LeadingKeys": "false" },
};

const BELIEVE_SESSIONS: Permission[] = [
  ["Allow", "dynamodb:GetItem", "Sessions"],
  ["Allow", "dynamodb:UpdateItem", "Sessions", only("tokenHash lastSeenAt idleExpiresAt")],
];
const END_SESSIONS: Permission[] = [
  ["Allow", "dynamodb:DeleteItem", "Sessions"],
  ["Allow", "dynamodb:Query", "Sessions/index/bySub"],
];
const MAKE_SESSIONS: Permission = [
  ...(["Allow", "dynamodb:PutItem", "Sessions"] as const),
  only(
    "tokenHash schemaVersion id sub provedAt idTokenHash createdAt lastSeenAt idleExpiresAt expiresAt userAgent",
  ),
];

const READ_USERS: Permission = ["Allow", "dynamodb:GetItem", "Users"];
const updatingUsers = (attributes: string): Permission => [
  ...(["Allow", "dynamodb:UpdateItem", "Users"] as const),
  only(attributes),
];
const SIGN_IN_USERS: Permission[] = [
  updatingUsers(
    "sub schemaVersion writeId claims claimsIat claimsTokenHash attributes createdAt updatedAt version erasedAt erasedTokens signedOutAt signedOutTokens",
  ),
  // Where something cannot be read.
  updatingUsers(
    "sub schemaVersion writeId claims claimsIat claimsTokenHash attributes unreadableAttributes userinfo createdAt updatedAt version erasedAt",
  ),
];
const SIGN_OUT_USERS = updatingUsers(
  "sub schemaVersion writeId version signedOutAt signedOutTokens",
);
const EDIT_USERS: Permission = [
  ...(["Allow", "dynamodb:UpdateItem", "Users"] as const),
  only("sub schemaVersion writeId attributes userinfo updatedAt version"),
];
const FINISH_ERASURES: Permission = [
  ...(["Allow", "dynamodb:UpdateItem", "Users"] as const),
  only("sub schemaVersion erasedAt revocation erasing"),
];
const ERASE_USERS: Permission = [
  ...(["Allow", "dynamodb:PutItem", "Users"] as const),
  only("sub schemaVersion erasedAt erasedTokens erasing version claimsIat updatedAt"),
];

const GRANT =
  "sub schemaVersion revision writeId grantId status since reason refreshToken accessToken lease inbox cooldown lastExchangeAt history listKey";
const ITEM_WRITES = [
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "BatchWriteItem",
  "PartiQLInsert",
  "PartiQLUpdate",
  "PartiQLDelete",
];

/**
 * Rows of users, without `frozenAt` and, but for those who erase, `erasure`; and no item of the
 * operator's.
 */
const onGrants = (besides = "", ...ownControlKeys: readonly string[]): Permission[] => [
  ["Allow", "dynamodb:GetItem", "RefreshTokens", OF_USERS],
  [
    ...(["Allow", "dynamodb:UpdateItem", "RefreshTokens"] as const),
    { ...only(`${GRANT} ${besides}`.trim()), ...OF_USERS, ...BOTH_PRESENT },
  ],
  ...ITEM_WRITES.map((action): Permission => [
    ...(["Deny", `dynamodb:${action}`, "RefreshTokens"] as const),
    {
      "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": "\u00a7*" },
      ...(ownControlKeys.length > 0 && {
        "ForAnyValue:StringNotLike": { "dynamodb:LeadingKeys": [...ownControlKeys] },
      }),
    },
  ]),
];

const ENDED = "\u00a7ended#*";
const ofControlKeys = (key: string) => ({
  "ForAllValues:StringLike": { "dynamodb:LeadingKeys": key },
  Null: { "dynamodb:LeadingKeys": "false" },
});
const onControlItems = (key: string, attributes: string): Permission[] => [
  ["Allow", "dynamodb:GetItem", "RefreshTokens", ofControlKeys(key)],
  [
    ...(["Allow", "dynamodb:UpdateItem", "RefreshTokens"] as const),
    { ...only(attributes), ...ofControlKeys(key), ...BOTH_PRESENT },
  ],
];
/** Where the sweeper stopped. */
const POSITIONS = onControlItems("\u00a7sweep", "sub erasing disconnecting due");
/** What has ended for good. */
const ENDED_MARKS = onControlItems(ENDED, "sub endedAt");
const LOOK_AT_ENDED: Permission = [
  ...(["Allow", "dynamodb:GetItem", "RefreshTokens"] as const),
  ofControlKeys(ENDED),
];
/** Who waits for a lease. */
const WAIT: Permission = [
  ...(["Allow", "dynamodb:UpdateItem", "RefreshTokens"] as const),
  { ...only("sub waiting lease"), ...OF_USERS, ...BOTH_PRESENT },
];
const MAKE_DATA_KEYS: Permission = ["Allow", "kms:GenerateDataKey", "GrantKey", OUR_CONTEXT];
const UNWRAP_DATA_KEYS: Permission = ["Allow", "kms:Decrypt", "GrantKey", OUR_CONTEXT];
const READ_SECRET: Permission = ["Allow", "secretsmanager:GetSecretValue", "ClientSecret"];

/** @param due what a grant has besides where something can be due */
const golden = (due = ""): Readonly<Record<string, readonly Permission[]>> => ({
  UsersRole: [
    ...BELIEVE_SESSIONS,
    READ_USERS,
    ...SIGN_IN_USERS,
    EDIT_USERS,
    ...everyFunction("Users"),
  ],
  AccountRole: [
    ...BELIEVE_SESSIONS,
    ...END_SESSIONS,
    READ_USERS,
    FINISH_ERASURES,
    ERASE_USERS,
    ...onGrants(`erasure ${due}`, ENDED),
    ...ENDED_MARKS,
    ...everyFunction("Account"),
  ],
  RefreshTokenRole: [
    ...BELIEVE_SESSIONS,
    ...onGrants(due),
    LOOK_AT_ENDED,
    MAKE_DATA_KEYS,
    ...everyFunction("RefreshToken"),
  ],
  SessionsRole: [
    ...BELIEVE_SESSIONS,
    ...END_SESSIONS,
    MAKE_SESSIONS,
    READ_USERS,
    ...SIGN_IN_USERS,
    SIGN_OUT_USERS,
    ...onGrants(`erasure signedOut ${due}`),
    MAKE_DATA_KEYS,
    READ_SECRET,
    ...everyFunction("Sessions"),
  ],
  AccessTokenRole: [
    ...BELIEVE_SESSIONS,
    ...onGrants(due, ENDED),
    ...ENDED_MARKS,
    WAIT,
    ["Allow", "dynamodb:BatchGetItem", "RefreshTokens"],
    UNWRAP_DATA_KEYS,
    MAKE_DATA_KEYS,
    ...everyFunction("AccessToken"),
    READ_SECRET,
  ],
  HealthRole: everyFunction("Health"),
  SweepRole: [
    READ_USERS,
    FINISH_ERASURES,
    ["Allow", "dynamodb:Query", "Users/index/erasing"],
    ...onGrants(`erasure ${due}`, ENDED, "\u00a7sweep"),
    ...ENDED_MARKS,
    ...POSITIONS,
    ["Allow", "dynamodb:Query", "RefreshTokens/index/byStatus"],
    ...END_SESSIONS,
    ...everyFunction("Sweep"),
  ],
});
const GOLDEN = golden();
const DUE = "dueKey dueAt";

const SEND: Permission = ["Allow", "sqs:SendMessage", "RecoveryTasks"];
const SEND_IN_ORDER: Permission = ["Allow", "sqs:SendMessage", "OrderedRecoveryTasks"];

const take = (queue: string): Permission[] => [
  ["Allow", "sqs:ReceiveMessage", queue],
  ["Allow", "sqs:DeleteMessage", queue],
  ["Allow", "sqs:GetQueueAttributes", queue],
];

/** What is there besides where something can be due. */
function withRecovery(rotates: boolean): Readonly<Record<string, readonly Permission[]>> {
  const due = golden(DUE);
  const access = due["AccessTokenRole"] ?? [];
  return {
    ...due,
    AccessTokenRole: rotates ? [...access, SEND, SEND_IN_ORDER] : access,
    SweepRole: [
      ...(due["SweepRole"] ?? []),
      ["Allow", "dynamodb:Query", "RefreshTokens/index/byDue"],
      SEND,
    ],
    RecoveryRole: [
      ...onGrants(DUE),
      ["Allow", "dynamodb:BatchGetItem", "RefreshTokens"],
      UNWRAP_DATA_KEYS,
      MAKE_DATA_KEYS,
      READ_SECRET,
      ...take("RecoveryTasks"),
      ...(rotates ? [SEND, SEND_IN_ORDER, ...take("OrderedRecoveryTasks")] : []),
      ...everyFunction("Recovery"),
    ],
  };
}

function stageWith(idp: Partial<StageConfig["idp"]>): StageConfig {
  return { ...STAGE, idp: { ...STAGE.idp, ...idp } };
}

describe("S40 S42 S54: exact actions on exact resources under exact conditions", () => {
  test("with Rollup ID", () => {
    expect(permissionsIn(synthesize().api)).toEqual(sorted(GOLDEN));
  });

  test("with another provider whose refresh tokens are JWTs and never change: the same", () => {
    const stage = stageWith({
      profile: "oidc",
      refreshTokenFormat: "jwt",
      refreshTokenRotation: "none",
    });
    expect(permissionsIn(synthesize(stage).api)).toEqual(sorted(GOLDEN));
  });

  test.each([{ refreshTokenRotation: "grace" } as const, {}])(
    "where refresh tokens rotate (%p) the function that exchanges sends to the queue, and one that no route leads to takes from it and exchanges",
    (idp) => {
      const stage = stageWith({ profile: "oidc", refreshTokenFormat: "jwt", ...idp });
      expect(permissionsIn(synthesize(stage).api)).toEqual(sorted(withRecovery(true)));
    },
  );

  test("where tokens only lapse unused, nobody but the sweeper sends to the queue", () => {
    const stage = stageWith({
      profile: "oidc",
      refreshTokenFormat: "jwt",
      refreshTokenRotation: "none",
      refreshTokenIdleSeconds: 86_400,
    });
    expect(permissionsIn(synthesize(stage).api)).toEqual(sorted(withRecovery(false)));
  });

  test.each([{ refreshTokenFormat: "opaque" } as const, {}])(
    "with opaque refresh tokens (%p) the function that takes them in reads the client secret too, and still cannot open",
    (idp) => {
      const { api } = synthesize(stageWith({ profile: "oidc", ...idp }));
      expect(permissionsIn(api)).toEqual(
        sorted({
          ...withRecovery(true),
          RefreshTokenRole: [...(golden(DUE)["RefreshTokenRole"] ?? []), READ_SECRET],
        }),
      );
    },
  );

  test("with a revocation endpoint (RFC 7009) the functions that erase may open what they revoke", () => {
    const stage = stageWith({ revocationEndpoint: "https://passport.example/revoke" });
    const account = [...(GOLDEN["AccountRole"] ?? []), UNWRAP_DATA_KEYS, READ_SECRET];
    const sweep = [...(GOLDEN["SweepRole"] ?? []), UNWRAP_DATA_KEYS, READ_SECRET];
    expect(permissionsIn(synthesize(stage).api)).toEqual(
      sorted({ ...GOLDEN, AccountRole: account, SweepRole: sweep }),
    );
  });
});

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

const orderOf = ([effect, action, resource, condition]: Permission) =>
  [action, resource, effect, JSON.stringify(condition)].join(" ");
const byAction = (a: Permission, b: Permission) => (orderOf(a) < orderOf(b) ? -1 : 1);

function sorted(list: Readonly<Record<string, readonly Permission[]>>) {
  return Object.fromEntries(
    Object.entries(list).map(([role, permissions]) => [role, [...permissions].sort(byAction)]),
  );
}

/** By role, in the order of actions; one entry per action. */
function permissionsIn(template: Template): Record<string, Permission[]> {
  const found: Record<string, Permission[]> = {};
  for (const [, { Properties }] of resourcesOf(template, "AWS::IAM::Policy")) {
    const { Roles, PolicyDocument } = Properties as {
      Roles: { Ref: string }[];
      PolicyDocument: { Statement: Statement[] };
    };
    for (const { Ref } of Roles) {
      const role = plain(Ref);
      found[role] = [...(found[role] ?? []), ...PolicyDocument.Statement.flatMap(toPermissions)];
    }
  }
  return sorted(found);
}

/** Whatever else a statement has (NotAction, say) ends up in the comparison and fails it. */
function toPermissions({ Effect, Action, Resource, Condition, ...rest }: Statement): Permission[] {
  const others = Object.keys(rest).length === 0 ? [] : [JSON.stringify(rest)];
  const resources = [...[Resource].flat().map(nameOf), ...others];
  return [Action].flat().flatMap((action) =>
    resources.map((resource): Permission => {
      const permission = [Effect, action, resource] as const;
      return Condition === undefined ? permission : [...permission, Condition];
    }),
  );
}

/** A resource by its construct's name; anything that is not one whole ARN as it is. */
function nameOf(resource: unknown): string {
  const text = JSON.stringify(resource);
  const imported =
    /^\{"Fn::ImportValue":"Data:ExportsOutput(?:FnGetAtt|Ref)(\w+?)(?:[0-9A-F]{8})?(?:Arn)?[0-9A-F]{8}"\}$/;
  const logGroup = /^\{"Fn::GetAtt":\["(\w+)Logs[0-9A-F]{8}","Arn"\]\}$/;
  const index = /^\{"Fn::Join":\["",\[(\{[^{}]*\}),"(\/index\/\w+)"\]\]\}$/.exec(text);
  if (index?.[1] !== undefined) {
    return nameOf(JSON.parse(index[1])) + String(index[2]);
  }
  const log = logGroup.exec(text)?.[1];
  return imported.exec(text)?.[1] ?? (log && `log group of ${log}`) ?? String(resource);
}

function plain(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, "");
}
