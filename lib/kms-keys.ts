/**
 * The KMS keys: the one that wraps the data keys of grants, and those that sign as this client.
 * Their policies say who may use them, whatever IAM policies allow.
 */
import { CfnOutput, Duration, type RemovalPolicy, Stack } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { type CfnKey, Key, KeySpec, KeyUsage } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { type ClientKeys, KMS_SIGNING } from "../lambda/client-authentication";

export interface KeyUsers {
  /** The stack whose roles use the key. */
  readonly apiStackName: string;
  /** ARNs of other roles that may. */
  readonly operatorRoleArns: readonly string[];
  readonly removal: RemovalPolicy;
}

/** Days; the longest that KMS allows, to notice and cancel. */
const DELETION_WINDOW_DAYS = 30;
/** Characters of a stack's name that CloudFormation puts in front of the names of its roles. */
const NAME_IN_ROLES = 24;

export function createGrantKey(scope: Construct, id: string, users: KeyUsers): Key {
  const key = new Key(scope, id, {
    description:
      "Wraps the data keys of rollup-vault's refresh tokens. Disable it, never delete it.",
    enableKeyRotation: true,
    pendingWindow: Duration.days(DELETION_WINDOW_DAYS),
    removalPolicy: users.removal,
  });
  protect(key, users, ["kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:CreateGrant"]);
  return key;
}

/**
 * One key for each name. KMS rotates no asymmetric key by itself: the owner adds a name (runbook,
 * "The key that signs as this client").
 */
export function createClientKeys(
  scope: Construct,
  { keys, alg, areImported }: ClientKeys,
  users: KeyUsers,
): readonly Key[] {
  return keys.map((name) => {
    const key = new Key(scope, `ClientSigningKey${name}`, {
      description: "Signs as rollup-vault's client at the identity provider.",
      keySpec: KeySpec[KMS_SIGNING[alg].keySpec],
      keyUsage: KeyUsage.SIGN_VERIFY,
      pendingWindow: Duration.days(DELETION_WINDOW_DAYS),
      removalPolicy: users.removal,
    });
    if (areImported) {
      // Without material until the owner imports it; the construct knows no origin.
      (key.node.defaultChild as CfnKey).origin = "EXTERNAL";
    }
    protect(key, users, ["kms:Sign", "kms:CreateGrant"]);
    return key;
  });
}

/**
 * The key of the client secret. Its policy gives the functions the right to open it by way of Secrets
 * Manager, so that no deployment has a moment in which the secret is encrypted with a key that they
 * may not use. A person who puts the secret in needs `kms:GenerateDataKey` and `kms:Decrypt` by IAM.
 */
export function createSecretKey(scope: Construct, id: string, users: KeyUsers): Key {
  const key = new Key(scope, id, {
    description: "Encrypts rollup-vault's client secret.",
    enableKeyRotation: true,
    pendingWindow: Duration.days(DELETION_WINDOW_DAYS),
    removalPolicy: users.removal,
  });
  new CfnOutput(scope, `${id}Arn`, { value: key.keyArn });
  const { partition, region, account, urlSuffix } = Stack.of(scope);
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: "FunctionsByWayOfSecretsManager",
      principals: [new AnyPrincipal()],
      actions: ["kms:Decrypt"],
      resources: ["*"],
      conditions: {
        ArnLike: { "aws:PrincipalArn": rolesOf(scope, users) },
        StringEquals: {
          "kms:CallerAccount": account,
          "kms:ViaService": `secretsmanager.${region}.${urlSuffix}`,
        },
        // CloudFormation names a secret by its logical id and something at random.
        StringLike: {
          "kms:EncryptionContext:SecretARN": `arn:${partition}:secretsmanager:${region}:${account}:secret:ClientSecret-*`,
        },
      },
    }),
  );
  refuseHastyDeletion(key);
  return key;
}

function protect(key: Key, users: KeyUsers, uses: string[]): void {
  refuseHastyDeletion(key);
  key.addToResourcePolicy(nobodyElse(key, users, uses));
}

function refuseHastyDeletion(key: Key): void {
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: "NoHastyDeletion",
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ["kms:ScheduleKeyDeletion"],
      resources: ["*"],
      conditions: {
        NumericLessThan: { "kms:ScheduleKeyDeletionPendingWindowInDays": DELETION_WINDOW_DAYS },
      },
    }),
  );
}

/**
 * Denies the key to all other principals: an IAM policy that allows `kms:*` on every key, an
 * administrator's for example, opens nothing here. AWS services act without a role, and have no
 * grant on this key.
 */
function nobodyElse(scope: Construct, users: KeyUsers, uses: string[]): PolicyStatement {
  const roles = rolesOf(scope, users);
  return new PolicyStatement({
    sid: "NobodyElse",
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: uses,
    resources: ["*"],
    conditions: {
      ArnNotLike: { "aws:PrincipalArn": [roles, ...users.operatorRoleArns] },
      Bool: { "aws:PrincipalIsAWSService": "false" },
    },
  });
}

/** The functions' roles, by the beginning of their names. */
function rolesOf(scope: Construct, { apiStackName }: KeyUsers): string {
  const { partition, account } = Stack.of(scope);
  // The dash ends the name where it is short enough to be whole.
  const prefix = `${apiStackName}-`.slice(0, NAME_IN_ROLES);
  return `arn:${partition}:iam::${account}:role/${prefix}*`;
}
