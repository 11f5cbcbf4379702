/**
 * What the rule packs ask for and this product does otherwise: one rule on one construct, and why.
 */
import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

const NIST = "NIST.800.53.R5";
const HIPAA = "HIPAA.Security";
const PCI = "PCI.DSS.321";

interface PackRule {
  readonly packs: readonly string[];
  readonly reason: string;
}

/** Rules that several packs have under one name. */
const RULES = {
  CloudWatchAlarmAction: {
    packs: [NIST, HIPAA],
    reason: "one of two windows of a burn rate: the composite alarm over both notifies",
  },
  CloudWatchLogGroupEncrypted: {
    packs: [NIST, HIPAA, PCI],
    reason:
      "CloudWatch encrypts all log groups with its own keys, and by the list of log fields no " +
      "line has a token, a secret or a claim",
  },
  DynamoDBInBackupPlan: {
    packs: [NIST, HIPAA],
    reason:
      "tables have point-in-time recovery; a plan is the stage's choice (backup), and sessions, " +
      "which people open anew, are in none",
  },
  IAMNoInlinePolicy: {
    packs: [NIST, HIPAA, PCI],
    reason:
      "the policy is for this role alone and goes with it; a managed one could be attached " +
      "to others",
  },
  LambdaConcurrency: {
    packs: [NIST, HIPAA],
    reason:
      "a new account has too few executions to reserve any; throttles per route and the queues' " +
      "own maximum bound the function, and a stage can reserve",
  },
  LambdaDLQ: {
    packs: [NIST, HIPAA, "Serverless"],
    reason:
      "callers get every failure, the queue has dead letters of its own, and a sweep is repeated",
  },
  LambdaInsideVPC: {
    packs: [NIST, HIPAA, PCI],
    reason:
      "it reaches only AWS's public endpoints and the provider's over TLS; a VPC would add a NAT " +
      "gateway and protect nothing",
  },
  LambdaTracing: {
    packs: ["Serverless"],
    reason: "tracing costs and is the stage's choice (tracing)",
  },
  SNSRedrivePolicy: {
    packs: ["Serverless"],
    reason: "SNS tries an e-mail again for hours, and the alarm's state is on the dashboard",
  },
  SecretsManagerRotationEnabled: {
    packs: [NIST, HIPAA],
    reason:
      "the provider has no interface to rotate its client secret; the runbook says how to by hand",
  },
  SecretsManagerUsingKMSKey: {
    packs: [NIST, HIPAA, PCI],
    reason: "the account's own key encrypts it; a key of its own is the stage's choice (secretKey)",
  },
} as const satisfies Readonly<Record<string, PackRule>>;

/** Acknowledges these rules in all packs that have them. */
export function acknowledge(on: IConstruct, ...names: readonly (keyof typeof RULES)[]): void {
  for (const name of names) {
    const { packs, reason } = RULES[name];
    for (const pack of packs) {
      Validations.of(on).acknowledge({ id: `${pack}-${name}`, reason });
    }
  }
}
