/** The key that wraps the data keys of grants, and who may use it whatever IAM would allow. */
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";

export interface GrantKeyProps {
  /** Whose roles use the key. */
  readonly apiStackName: string;
  /** ARNs of other roles that may. */
  readonly operatorRoleArns: readonly string[];
}

/** The longest that KMS allows: time to notice, and to cancel. */
const DELETION_WINDOW_DAYS = 30;
/**
 * What CloudFormation leaves of a stack's name at the beginning of the names that it makes for
 * roles.
 */
const NAME_IN_ROLES = 24;

export function createGrantKey(scope: Construct, id: string, props: GrantKeyProps): Key {
  const key = new Key(scope, id, {
    description:
      "Wraps the data keys of rollup-vault's refresh tokens. Disable it, never delete it.",
    enableKeyRotation: true,
    pendingWindow: Duration.days(DELETION_WINDOW_DAYS),
    removalPolicy: RemovalPolicy.RETAIN,
  });
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
  key.addToResourcePolicy(nobodyElse(scope, props));
  return key;
}

/**
 * A policy of IAM that allows `kms:*` on every key (an administrator's, or one written too wide)
 * opens nothing here. Services of AWS have no role to be named by, and no grant on this key either.
 */
function nobodyElse(scope: Construct, props: GrantKeyProps): PolicyStatement {
  const { partition, account } = Stack.of(scope);
  // The dash ends the name where it is short enough to be whole.
  const prefix = `${props.apiStackName}-`.slice(0, NAME_IN_ROLES);
  const roles = `arn:${partition}:iam::${account}:role/${prefix}*`;
  return new PolicyStatement({
    sid: "NobodyElse",
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ["kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:CreateGrant"],
    resources: ["*"],
    conditions: {
      ArnNotLike: { "aws:PrincipalArn": [roles, ...props.operatorRoleArns] },
      Bool: { "aws:PrincipalIsAWSService": "false" },
    },
  });
}
