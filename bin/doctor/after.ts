/** After a deployment: what `GET /health` does not say, as the operator's own rights show it. */
import type { Target } from "../admin/target";
import { type Aws, AwsTrouble } from "./aws-call";
import { bad, type Finding, good } from "./finding";

/** The value itself is not read: whether there is one is in its description. */
async function clientSecret(aws: Aws, arn: string): Promise<Finding> {
  const about = "client secret";
  try {
    const { VersionIdsToStages: stages, DeletedDate: deleted } = await aws.call({
      service: "secretsmanager",
      action: "secretsmanager:DescribeSecret",
      target: "secretsmanager.DescribeSecret",
      input: { SecretId: arn },
    });
    if (deleted !== undefined && deleted !== null) {
      return bad(
        about,
        "the client secret is being deleted",
        `aws secretsmanager restore-secret --region ${aws.region} --secret-id ${arn}`,
      );
    }
    const isFilled = Object.values((stages ?? {}) as Record<string, readonly string[]>).some(
      (labels) => labels.includes("AWSCURRENT"),
    );
    return isFilled ? good(about, "it has a value") : bad(about, EMPTY, fill(aws, arn));
  } catch (error) {
    return missing(error, about, "the client secret is gone", "npm run deploy");
  }
}

async function key(aws: Aws, about: string, arn: string): Promise<Finding> {
  const command = (name: string) => `aws kms ${name} --region ${aws.region} --key-id ${arn}`;
  try {
    const { KeyMetadata: found } = await aws.call({
      service: "kms",
      action: "kms:DescribeKey",
      target: "TrentService.DescribeKey",
      input: { KeyId: arn },
    });
    const state = (found as { readonly KeyState?: string } | undefined)?.KeyState ?? "";
    switch (state) {
      case "Enabled":
        return good(about, "it is enabled");
      case "Disabled":
        return bad(about, "the key is disabled: no grant can be used", command("enable-key"));
      case "PendingDeletion":
        return bad(
          about,
          "the key will be deleted, and every grant with it",
          `${command("cancel-key-deletion")} && ${command("enable-key")}`,
        );
      default:
        return bad(about, `the key is ${state}: no grant can be used`, command("describe-key"));
    }
  } catch (error) {
    return missing(error, about, "the key is gone: every user has to sign in again", DEPLOY);
  }
}

async function table(aws: Aws, about: string, name: string): Promise<Finding> {
  try {
    const { Table: found } = await aws.call({
      service: "dynamodb",
      action: "dynamodb:DescribeTable",
      target: "DynamoDB_20120810.DescribeTable",
      input: { TableName: name },
    });
    const status = (found as { readonly TableStatus?: string } | undefined)?.TableStatus ?? "";
    return ["ACTIVE", "UPDATING"].includes(status)
      ? good(about, "it is there")
      : bad(
          about,
          `the table ${name} is ${status}`,
          `aws dynamodb describe-table --region ${aws.region} --table-name ${name}`,
        );
  } catch (error) {
    return missing(
      error,
      about,
      `the table ${name} is gone`,
      'docs/runbook.md, "A table that came back from a backup"',
    );
  }
}

/** All of them at once. */
export function afterDeployment(aws: Aws, target: Target): readonly [string, Promise<Finding>][] {
  const { tables, grantKeyArn, clientSecretArn, clientSigningKeyArn } = target;
  return [
    ...(clientSecretArn === undefined
      ? []
      : [["client secret", clientSecret(aws, clientSecretArn)] as [string, Promise<Finding>]]),
    ["grant key", key(aws, "grant key", grantKeyArn)],
    ...(clientSigningKeyArn === undefined
      ? []
      : [
          ["signing key", key(aws, "signing key", clientSigningKeyArn)] as [
            string,
            Promise<Finding>,
          ],
        ]),
    ["users", table(aws, "users", tables.users)],
    ["refresh tokens", table(aws, "refresh tokens", tables.refreshTokens)],
    ["sessions", table(aws, "sessions", tables.sessions)],
  ];
}

const EMPTY = "the client secret is empty: every access token is answered 500";
const DEPLOY = "npm run deploy";

function fill(aws: Aws, arn: string): string {
  return (
    `aws secretsmanager put-secret-value --region ${aws.region} --secret-id ${arn} ` +
    "--secret-string file:///dev/stdin"
  );
}

function missing(error: unknown, about: string, sentence: string, mend: string): Finding {
  if (error instanceof AwsTrouble && error.trouble === "not_found") {
    return bad(about, sentence, mend);
  }
  throw error;
}
