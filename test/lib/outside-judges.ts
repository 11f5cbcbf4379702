/** What cfn-lint and checkov find in the templates and this product does otherwise, and why. */
export interface Acknowledged {
  readonly rule: string;
  readonly reason: string;
  /** Logical ids without the CDK's hash. */
  readonly resources: readonly string[];
}

const FUNCTIONS = [
  "AccessToken",
  "Account",
  "Health",
  "Recovery",
  "RefreshToken",
  "Sessions",
  "Sweep",
  "Users",
];
const functions = FUNCTIONS.map((name) => `${name}Function`);

export const BY_CFN_LINT: readonly Acknowledged[] = [
  {
    rule: "W3005",
    reason: "the CDK names a function's role twice: it has to wait for the role's policy, too",
    resources: functions,
  },
];

export const BY_CHECKOV: readonly Acknowledged[] = [
  {
    rule: "CKV_AWS_115",
    reason:
      "a new account has too few executions to reserve any; throttles per route and the queues' " +
      "own maximum bound the function, and a stage can reserve",
    resources: functions,
  },
  {
    rule: "CKV_AWS_116",
    reason:
      "callers get every failure, the queue has dead letters of its own, and a sweep is repeated",
    resources: functions,
  },
  {
    rule: "CKV_AWS_117",
    reason:
      "it reaches only AWS's public endpoints and the provider's over TLS; a VPC would add a NAT " +
      "gateway and protect nothing",
    resources: functions,
  },
  {
    rule: "CKV_AWS_119",
    reason:
      "refresh tokens are sealed with a customer key before they reach the table; all else is " +
      "under DynamoDB's own key",
    resources: ["RefreshTokens", "Sessions", "Users"],
  },
  {
    rule: "CKV_AWS_149",
    reason: "the account's own key encrypts it; a key of its own is the stage's choice (secretKey)",
    resources: ["ClientSecret"],
  },
  {
    rule: "CKV_AWS_158",
    reason:
      "CloudWatch encrypts all log groups with its own keys, and by the list of log fields no " +
      "line has a token, a secret or a claim",
    resources: [...FUNCTIONS.map((name) => `${name}Logs`), "HttpAccessLog"],
  },
  {
    rule: "CKV_AWS_166",
    reason: "AWS Backup encrypts it; refresh tokens in a backup are sealed with the customer key",
    resources: ["BackupsVault"],
  },
  {
    rule: "CKV_AWS_173",
    reason: "the environment has names and settings, and no secret; Lambda encrypts it by its key",
    resources: functions,
  },
  {
    rule: "CKV_AWS_27",
    reason: "SQS encrypts it with its own key, and a token in a message is sealed before",
    resources: ["OrderedRecoveryTasks", "RecoveryDeadLetters", "RecoveryTasks"],
  },
  {
    rule: "CKV_AWS_33",
    reason:
      "any principal, but only of this account, named like a role of the API stack, by way of " +
      "Secrets Manager and for this secret (lib/kms-keys.ts)",
    resources: ["SecretKey"],
  },
];
