/**
 * The topic of the alarms, and word of changes to the keys and to the client secret. The latter
 * come by way of CloudTrail, so they need a trail in the account; the rules cost nothing without.
 */
import { ArnFormat, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { Match, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { SnsTopic } from "aws-cdk-lib/aws-events-targets";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import { acknowledge } from "../rule-packs";
import { articleOf } from "./article";

const PUBLISHERS = ["cloudwatch.amazonaws.com", "events.amazonaws.com"];

/**
 * Encrypted by a key of its own: CloudWatch cannot publish to a topic under the key of AWS (SNS
 * Developer Guide, "Enable compatibility between event sources from AWS services and encrypted
 * topics").
 */
export function createTopic(scope: Construct, email: string | undefined): ITopic {
  const key = new Key(scope, "AlarmsKey", {
    description: "Encrypts rollup-vault's alarms on their way. It protects no data at rest.",
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const topic = new Topic(scope, "Alarms", { masterKey: key, enforceSSL: true });
  for (const service of PUBLISHERS) {
    const principal = new ServicePrincipal(service);
    key.grantEncryptDecrypt(principal);
    topic.grantPublish(principal);
  }
  if (email !== undefined) {
    const subscription = topic.addSubscription(new EmailSubscription(email));
    acknowledge(subscription, "SNSRedrivePolicy");
  }
  return topic;
}

export interface Guarded {
  readonly grantKey: IKey;
  readonly clientKeys: readonly IKey[];
  readonly clientSecretArn: string | undefined;
  readonly clientSecretName: string | undefined;
}

const KEY_CHANGES = [
  "CreateGrant",
  "DeleteImportedKeyMaterial",
  "DisableKey",
  "DisableKeyRotation",
  "EnableKey",
  "PutKeyPolicy",
  "ScheduleKeyDeletion",
];
const SECRET_CHANGES = [
  "DeleteResourcePolicy",
  "DeleteSecret",
  "PutResourcePolicy",
  "PutSecretValue",
  "RestoreSecret",
  "UpdateSecret",
  "UpdateSecretVersionStage",
];

export function watchChanges(scope: Construct, topic: ITopic, guarded: Guarded): void {
  const keys = [guarded.grantKey, ...guarded.clientKeys];
  addRule(scope, "KeyChanged", {
    topic,
    source: "kms",
    names: KEY_CHANGES,
    requestParameters: { keyId: keys.flatMap((key) => [key.keyArn, key.keyId]) },
  });
  const { clientSecretArn: arn, clientSecretName: name } = guarded;
  if (arn !== undefined && name !== undefined) {
    addRule(scope, "SecretChanged", {
      topic,
      source: "secretsmanager",
      names: SECRET_CHANGES,
      requestParameters: { secretId: [arn, name, withoutRandomPart(scope, name)] },
    });
  }
}

/** An ARN that Secrets Manager takes, too (API Reference, `PutSecretValue`, "SecretId"). */
function withoutRandomPart(scope: Construct, resourceName: string): string {
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  const parts = { service: "secretsmanager", resource: "secret", resourceName, arnFormat };
  return Stack.of(scope).formatArn(parts);
}

interface Watched {
  readonly topic: ITopic;
  readonly source: string;
  readonly names: readonly string[];
  readonly requestParameters: Readonly<Record<string, readonly string[]>>;
}

function addRule(
  scope: Construct,
  id: string,
  { topic, source, names, ...watched }: Watched,
): void {
  const rule = new Rule(scope, id, {
    description: `It fires where somebody changes it. Runbook: ${articleOf(id)}`,
    eventPattern: {
      source: [`aws.${source}`],
      detailType: ["AWS API Call via CloudTrail"],
      detail: {
        eventSource: [`${source}.amazonaws.com`],
        eventName: Match.anyOf(...names),
        requestParameters: watched.requestParameters,
      },
    },
    targets: [new SnsTopic(topic, { message: messageOf(id) })],
  });
  Validations.of(rule).acknowledge({
    id: "Serverless-EventBusDLQ",
    reason: "what is lost here is in CloudTrail, and EventBridge tries for a day",
  });
}

/** Names alone: a changed policy is for whoever may read the trail. */
function messageOf(id: string) {
  return RuleTargetInput.fromMultilineText(`${id}: see ${articleOf(id)} and CloudTrail.`);
}
