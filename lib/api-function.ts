/**
 * A Lambda function with this project's defaults. Each `grantX` method gives the permission and the
 * environment variable together, so that neither is deployed without the other.
 */
import { type Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Architecture, type Code, Function, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { type ClientKeys, KMS_SIGNING } from "../lambda/client-authentication";
import type { Environment, EnvironmentName } from "../lambda/env";
import { ENCRYPTION_CONTEXT, SESSIONS_OF_USER_INDEX } from "../lambda/facts";
import {
  SESSION_MAKING,
  SESSION_TOUCH,
  USER_ERASED,
  USER_MEMBERS,
  USER_MENDING,
  USER_SIGNED_OUT,
  USER_TOMBSTONE,
  USER_UPSERT,
} from "../lambda/store/written-attributes";
import type { Conditions } from "./item-conditions";
import { acknowledge } from "./rule-packs";
import { type FunctionWord, isRetained, type Stage } from "./stage";
import { type GrantAccess, grantStatements, reading, writing } from "./table-statements";

export interface ApiFunctionProps {
  readonly code: Code;
  readonly timeout: Duration;
  readonly stage: FunctionStage;
  /** Its word in the stage's `reservedConcurrency`. */
  readonly concurrency: FunctionWord;
  readonly metricsNamespace: string;
}

/** What a stage says of every function. */
type FunctionStage = Pick<
  Stage,
  "reservedConcurrency" | "logRetention" | "retain" | "tracing" | "architecture"
>;

/** CPU comes with memory, and signature checks want CPU. */
const MEMORY_MB = 512;

/** The values of the encryption context that lambda/kms/binding.ts sends with every call. */
const CONTEXT_CONDITION = {
  StringEquals: {
    "kms:EncryptionContext:app": ENCRYPTION_CONTEXT.app,
    "kms:EncryptionContext:purpose": ENCRYPTION_CONTEXT.purpose,
  },
};

export class ApiFunction extends Construct {
  readonly func: Function;
  private readonly role: Role;

  constructor(scope: Construct, id: string, { stage, ...props }: ApiFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, "Logs", {
      retention: stage.logRetention,
      removalPolicy: isRetained(stage) ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    this.func = new Function(this, "Function", {
      code: props.code,
      handler: "index.handler",
      runtime: Runtime.NODEJS_24_X,
      architecture: stage.architecture === "x86_64" ? Architecture.X86_64 : Architecture.ARM_64,
      memorySize: MEMORY_MB,
      timeout: props.timeout,
      reservedConcurrentExecutions: stage.reservedConcurrency?.[props.concurrency],
      role: this.role,
      logGroup,
      tracing: stage.tracing === true ? Tracing.ACTIVE : Tracing.DISABLED,
    });
    this.setVariable("METRICS_NAMESPACE", props.metricsNamespace);
    this.grantLogs(logGroup);
    acknowledge(logGroup, "CloudWatchLogGroupEncrypted");
    acknowledge(this.role, "IAMNoInlinePolicy");
    acknowledge(this.func, "LambdaDLQ", "LambdaInsideVPC");
    if (stage.reservedConcurrency?.[props.concurrency] === undefined) {
      acknowledge(this.func, "LambdaConcurrency");
    }
    if (stage.tracing === true) {
      Validations.of(this.role).acknowledge({
        id: "AwsSolutions-IAM5[Resource::*]",
        reason: "X-Ray's two write actions know no resources",
      });
    } else {
      acknowledge(this.func, "LambdaTracing");
    }
  }

  /** Sets a variable of lambda/env.ts. Never a secret: those are read from Secrets Manager. */
  setVariable<N extends EnvironmentName>(name: N, value: Environment[N]): void {
    this.func.addEnvironment(name, typeof value === "string" ? value : JSON.stringify(value));
  }

  /** To create and update users who sign in. */
  grantSignInUsers(table: ITable): void {
    this.grantUsers(table);
    this.add(writing("UpdateItem", table, USER_UPSERT));
    this.add(writing("UpdateItem", table, USER_MENDING));
  }

  /** To mark that a user signed out everywhere. Only the sessions function. */
  grantSignOutUsers(table: ITable): void {
    this.add(writing("UpdateItem", table, USER_SIGNED_OUT));
  }

  /** Also to change the app's attributes and the claims of userinfo. */
  grantEditUsers(table: ITable): void {
    this.grantSignInUsers(table);
    this.add(writing("UpdateItem", table, USER_MEMBERS));
  }

  /** To mark an erasure as finished. */
  grantFinishErasures(table: ITable): void {
    this.grantUsers(table);
    this.add(writing("UpdateItem", table, USER_ERASED));
  }

  /** To erase users. Only the account function. */
  grantEraseUsers(table: ITable): void {
    this.grantFinishErasures(table);
    this.add(writing("PutItem", table, USER_TOMBSTONE));
  }

  grantRefreshTokens(table: ITable, access: GrantAccess): void {
    this.add(...grantStatements(table, access));
    this.setVariable("REFRESH_TOKENS_TABLE", table.tableName);
  }

  /** Also to read a grant and the switch that freezes all users in one call. */
  grantIssuance(table: ITable, access: GrantAccess): void {
    this.grantRefreshTokens(table, access);
    this.allow(["dynamodb:BatchGetItem"], table.tableArn);
  }

  /** To find a session and move its idle limit. It cannot make one (decision 0026). */
  grantSessions(table: ITable): void {
    this.add(reading(table));
    this.add(writing("UpdateItem", table, SESSION_TOUCH));
    this.setVariable("SESSIONS_TABLE", table.tableName);
  }

  /** Also to make sessions. Only the sessions function. */
  grantManageSessions(table: ITable): void {
    this.grantEndSessions(table);
    this.add(writing("PutItem", table, SESSION_MAKING));
  }

  /** To list and end them. */
  grantEndSessions(table: ITable): void {
    this.grantSessions(table);
    this.allow(["dynamodb:DeleteItem"], table.tableArn);
    this.grantQuery(table, SESSIONS_OF_USER_INDEX);
  }

  /** To end sessions, and nothing else. */
  grantEndSessionsOnly(table: ITable): void {
    this.allow(["dynamodb:DeleteItem"], table.tableArn);
    this.grantQuery(table, SESSIONS_OF_USER_INDEX);
    this.setVariable("SESSIONS_TABLE", table.tableName);
  }

  grantQuery(table: ITable, index: string): void {
    this.allow(["dynamodb:Query"], `${table.tableArn}/index/${index}`);
  }

  grantSend(queue: IQueue): void {
    this.allow(["sqs:SendMessage"], queue.queueArn);
    this.setVariable("RECOVERY_QUEUE_URL", queue.queueUrl);
  }

  /** For functions that refresh, where the provider rotates refresh tokens. */
  grantSendInOrder(queue: IQueue): void {
    this.allow(["sqs:SendMessage"], queue.queueArn);
    this.setVariable("ORDERED_RECOVERY_QUEUE_URL", queue.queueUrl);
  }

  /** What an event source mapping does with the function's role. */
  grantTake(queue: IQueue): void {
    this.allow(
      ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
      queue.queueArn,
    );
  }

  /** To make data keys. It cannot open what they sealed. */
  grantSeal(key: IKey): void {
    this.allow(["kms:GenerateDataKey"], key.keyArn, CONTEXT_CONDITION);
    this.setVariable("GRANT_KEY_ARN", key.keyArn);
  }

  grantOpen(key: IKey): void {
    this.allow(["kms:Decrypt"], key.keyArn, CONTEXT_CONDITION);
    this.setVariable("GRANT_KEY_ARN", key.keyArn);
  }

  grantClientSecret(arn: string): void {
    this.allow(["secretsmanager:GetSecretValue"], arn);
    this.setVariable("CLIENT_SECRET_ARN", arn);
  }

  /** To sign as this client, by one algorithm, texts that KMS itself has hashed. */
  grantSign(key: IKey, { alg }: Pick<ClientKeys, "alg">): void {
    this.allow(["kms:Sign"], key.keyArn, {
      StringEquals: {
        "kms:MessageType": "RAW",
        "kms:SigningAlgorithm": KMS_SIGNING[alg].algorithm,
      },
    });
    this.setVariable("CLIENT_SIGNING_KEY_ARN", key.keyArn);
  }

  /** To know the public half of a key, for its `kid`. */
  grantPublicKey(key: IKey): void {
    this.allow(["kms:GetPublicKey"], key.keyArn);
  }

  /** To publish the public halves of keys. */
  grantPublish(keys: readonly IKey[], { alg }: Pick<ClientKeys, "alg">): void {
    keys.forEach((key) => {
      this.grantPublicKey(key);
    });
    this.setVariable(
      "CLIENT_KEY_ARNS",
      keys.map(({ keyArn }) => keyArn),
    );
    this.setVariable("CLIENT_KEY_ALG", alg);
  }

  private grantUsers(table: ITable): void {
    this.add(reading(table));
    this.setVariable("USERS_TABLE", table.tableName);
  }

  private add(...statements: PolicyStatement[]): void {
    statements.forEach((statement) => this.role.addToPolicy(statement));
  }

  private allow(actions: string[], resource: string, conditions: Conditions = {}): void {
    this.add(new PolicyStatement({ actions, resources: [resource], conditions }));
  }

  /** Exactly these two, instead of the managed policy that reaches every log group. */
  private grantLogs(logGroup: LogGroup): void {
    this.allow(["logs:CreateLogStream", "logs:PutLogEvents"], logGroup.logGroupArn);
  }
}
