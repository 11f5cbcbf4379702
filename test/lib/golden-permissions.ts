/** Who may do what: the golden list. It changes only together with a function's duties. */
export type Permission = readonly [
  effect: string,
  action: string,
  resource: string,
  condition?: unknown,
];

const OUR_CONTEXT = {
  StringEquals: {
    "kms:EncryptionContext:app": "rollup-vault",
    "kms:EncryptionContext:purpose": "grant",
  },
};

const everyFunction = (name: string): Permission[] => [
  ["Allow", "logs:CreateLogStream", `log group of ${name}`],
  ["Allow", "logs:PutLogEvents", `log group of ${name}`],
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
  "sub schemaVersion revision writeId grantId status since reason refreshToken accessToken lease inbox cooldown lastExchangeAt history listKey scopes notIssuedAt";
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
export const UNWRAP_DATA_KEYS: Permission = ["Allow", "kms:Decrypt", "GrantKey", OUR_CONTEXT];
export const READ_SECRET: Permission = ["Allow", "secretsmanager:GetSecretValue", "ClientSecret"];
/** In the place of `READ_SECRET`, with PS256. */
export const SIGN: readonly Permission[] = [
  [
    ...(["Allow", "kms:Sign", "ClientSigningKeyb"] as const),
    {
      StringEquals: {
        "kms:MessageType": "RAW",
        "kms:SigningAlgorithm": "RSASSA_PSS_SHA_256",
      },
    },
  ],
  ["Allow", "kms:GetPublicKey", "ClientSigningKeyb"],
];

/** @param due what a grant has besides where something can be due */
export const golden = (due = ""): Readonly<Record<string, readonly Permission[]>> => ({
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
    LOOK_AT_ENDED,
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
export const GOLDEN = golden();
export const DUE = "dueKey dueAt";

const SEND: Permission = ["Allow", "sqs:SendMessage", "RecoveryTasks"];
const SEND_IN_ORDER: Permission = ["Allow", "sqs:SendMessage", "OrderedRecoveryTasks"];

const take = (queue: string): Permission[] => [
  ["Allow", "sqs:ReceiveMessage", queue],
  ["Allow", "sqs:DeleteMessage", queue],
  ["Allow", "sqs:GetQueueAttributes", queue],
];

/** What is there besides where something can be due. */
export function withRecovery(rotates: boolean): Readonly<Record<string, readonly Permission[]>> {
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
