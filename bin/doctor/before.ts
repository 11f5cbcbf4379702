/** Before a deployment: whether this account and region can take the stage. */
import type { Stage } from "../../lib/stage";
import type { Aws } from "./aws-call";
import { AwsTrouble } from "./aws-call";
import { bad, type Finding, good } from "./finding";

/** What the assemblies of this CDK version need (manifest.json). */
const BOOTSTRAP_VERSION = 6;
/** Lambda keeps so many for functions that reserve none. */
const UNRESERVED = 100;
/** One exchange: a data key, and opening the one before. */
const KMS_CALLS_PER_REQUEST = 2;

const LAMBDA_QUOTA = "L-B99A9384";
const KMS_QUOTA = "L-6E3AF000";

export type DoctorStage = Pick<Stage, "name" | "throttle"> & {
  readonly reservedConcurrency?: Partial<Stage["reservedConcurrency"]>;
};

export async function bootstrap(aws: Aws, account: string): Promise<Finding> {
  const about = "bootstrap";
  const mend = `npx cdk bootstrap aws://${account}/${aws.region}`;
  try {
    const { Parameter: parameter } = await aws.call({
      service: "ssm",
      action: "ssm:GetParameter",
      target: "AmazonSSM.GetParameter",
      input: { Name: "/cdk-bootstrap/hnb659fds/version" },
    });
    const version = Number((parameter as { readonly Value?: string } | undefined)?.Value);
    return version >= BOOTSTRAP_VERSION
      ? good(about, `version ${version} of the CDK's own stack is there`)
      : bad(
          about,
          `the CDK's own stack is version ${version}, ${BOOTSTRAP_VERSION} is needed`,
          mend,
        );
  } catch (error) {
    if (error instanceof AwsTrouble && error.code === "ParameterNotFound") {
      return bad(about, `${aws.region} of ${account} is not bootstrapped for the CDK`, mend);
    }
    throw error;
  }
}

export async function concurrency(aws: Aws, stage: DoctorStage): Promise<Finding> {
  const about = "concurrency";
  const { AccountLimit: found } = await aws.call({
    service: "lambda",
    action: "lambda:GetAccountSettings",
  });
  const { ConcurrentExecutions: limit = 0, UnreservedConcurrentExecutions: free = limit } =
    (found ?? {}) as Readonly<Record<string, number>>;
  const wanted = Object.values(stage.reservedConcurrency ?? {}).reduce((sum, one) => sum + one, 0);
  if (wanted === 0 || free - wanted >= UNRESERVED) {
    return good(
      about,
      `${limit} function instances may run at once, and the stage reserves ${wanted}`,
    );
  }
  const needed = limit - free + wanted + UNRESERVED;
  return bad(
    about,
    `the stage reserves ${wanted} of ${limit} function instances, and ${UNRESERVED} must stay ` +
      "unreserved: remove reservedConcurrency from the stage file, or request more",
    "aws service-quotas request-service-quota-increase --service-code lambda " +
      `--quota-code ${LAMBDA_QUOTA} --desired-value ${needed} --region ${aws.region}`,
  );
}

export async function kmsRequests(aws: Aws, stage: DoctorStage): Promise<Finding> {
  const about = "KMS requests";
  const { Quota: quota } = await aws.call({
    service: "servicequotas",
    action: "servicequotas:GetServiceQuota",
    target: "ServiceQuotasV20190624.GetServiceQuota",
    input: { ServiceCode: "kms", QuotaCode: KMS_QUOTA },
  });
  const value = (quota as { readonly Value?: number } | undefined)?.Value ?? 0;
  const wanted = Math.ceil(stage.throttle.rate * KMS_CALLS_PER_REQUEST);
  return value >= wanted
    ? good(
        about,
        `${value} per second are allowed, and the stage's throttle lets ${wanted} through`,
      )
    : bad(
        about,
        `KMS allows ${value} requests per second, and the stage's throttle lets ${wanted} through`,
        "aws service-quotas request-service-quota-increase --service-code kms " +
          `--quota-code ${KMS_QUOTA} --desired-value ${wanted} --region ${aws.region}`,
      );
}

/** Of a stack that is not there: what of it has outlived it. */
export async function leftovers(aws: Aws, { name }: DoctorStage): Promise<Finding> {
  const about = "leftovers";
  const stack = `RollupVault-${name}-Data`;
  const status = await stackStatus(aws, stack);
  if (status !== undefined) {
    return /FAILED|^ROLLBACK_COMPLETE$|^REVIEW_IN_PROGRESS$/.test(status)
      ? bad(
          about,
          `${stack} is ${status} and takes no update`,
          `aws cloudformation delete-stack --stack-name ${stack} --region ${aws.region}`,
        )
      : good(about, `${stack} is there (${status}), and will be updated`);
  }
  const tables = (await tableNames(aws)).filter((table) => table.startsWith(`${stack}-`));
  return tables.length === 0
    ? good(about, "nothing of an earlier deployment of this stage is there")
    : bad(
        about,
        `tables of an earlier deployment are there (${tables.join(", ")}), and a new one ` +
          "would begin with empty ones: adopt them, or delete them",
        `npx rollup-vault adopt --stage ${name} > adopt.json && ` +
          `npx cdk import ${stack} -c stage=${name} --resource-mapping adopt.json`,
      );
}

/** Undefined: there is no such stack. */
async function stackStatus(aws: Aws, name: string): Promise<string | undefined> {
  try {
    const input = { StackName: name };
    const action = "cloudformation:DescribeStacks";
    const { text } = await aws.call({ service: "cloudformation", action, input });
    return /<StackStatus>(\w+)<\/StackStatus>/.exec(text)?.[1];
  } catch (error) {
    // CloudFormation's word for "does not exist".
    if (error instanceof AwsTrouble && error.code === "ValidationError") {
      return undefined;
    }
    throw error;
  }
}

async function tableNames(aws: Aws): Promise<readonly string[]> {
  const names: string[] = [];
  let from: unknown;
  do {
    const page: Readonly<Record<string, unknown>> = await aws.call({
      service: "dynamodb",
      action: "dynamodb:ListTables",
      target: "DynamoDB_20120810.ListTables",
      input: from === undefined ? {} : { ExclusiveStartTableName: from },
    });
    names.push(...((page["TableNames"] ?? []) as string[]));
    from = page["LastEvaluatedTableName"];
  } while (from !== undefined);
  return names;
}
