/**
 * The KMS key that wraps the data keys of grants. Its policy says who may use it, whatever IAM
 * policies allow.
 */
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";

export interface GrantKeyProps {
  /** The stack whose roles use the key. */
  readonly apiStackName: string;
  /** ARNs of other roles that may. */
  readonly operatorRoleArns: readonly string[];
}

/** Days; the longest that KMS allows, to notice and cancel. */
const DELETION_WINDOW_DAYS = 30;
/** Characters of a stack's name that CloudFormation puts in front of the names of its roles. */
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
 * Denies the key to all other principals: an IAM policy that allows `kms:*` on every key, an
 * administrator's for example, opens nothing here. AWS services act without a role, and have no
 * grant on this key.
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
