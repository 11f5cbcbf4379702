/**
 * What must never be lost: the tables, the keys, the client secret, the queues. All of it is
 * retained and protected, unless the stage says that its users may be lost.
 */
import { CfnOutput, Fn, RemovalPolicy, Stack, type StackProps, Validations } from "aws-cdk-lib";
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
  type TableProps,
} from "aws-cdk-lib/aws-dynamodb";
import type { Key } from "aws-cdk-lib/aws-kms";
import { CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import {
  DUE_GRANTS_INDEX,
  GRANTS_BY_STATUS_INDEX,
  SESSIONS_OF_USER_INDEX,
  UNFINISHED_ERASURES_INDEX,
} from "../lambda/facts";
import { addBackups } from "./backups";
import { functionTimeouts } from "./function-timeouts";
import { createClientKeys, createGrantKey, createSecretKey, type KeyUsers } from "./kms-keys";
import { needsOf } from "./provider-needs";
import { OrderedRecoveryQueue, RecoveryQueue, type RecoveryQueueProps } from "./recovery-queue";
import { acknowledge } from "./rule-packs";
import { isRetained, type Stage } from "./stage";

export interface DataStackProps extends StackProps {
  readonly stage: Pick<Stage, "idp" | "operatorRoleArns" | "retain" | "backup" | "secretKey">;
  /** Name of the API stack: the key's policy recognises its roles by it. */
  readonly apiStackName: string;
}

const CLIENT_SECRET_NAME = "ClientSecretName";

export class DataStack extends Stack {
  readonly users: Table;
  readonly refreshTokens: Table;
  readonly sessions: Table;
  /** Wraps the data keys of grants. */
  readonly grantKey: Key;
  /**
   * Created without a value. The operator puts it in, and no deployment overwrites it. Only where
   * the client authenticates by a secret.
   */
  readonly clientSecretArn: string | undefined;
  /** The client secret's name, for other stacks: it refers to an output of this one. */
  readonly clientSecretName: string | undefined;
  /** They sign as this client; the first one does so now. Empty: the stage has none. */
  readonly clientKeys: readonly Key[];
  /** Only where grants can be due with the stage's provider. */
  readonly recoveryQueue: Queue | undefined;
  /** The FIFO queue; only where the provider rotates refresh tokens. */
  readonly orderedRecoveryQueue: Queue | undefined;
  private readonly removal: RemovalPolicy;

  constructor(scope: Construct, id: string, { stage, apiStackName, ...props }: DataStackProps) {
    super(scope, id, props);
    this.removal = isRetained(stage) ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.users = this.table("Users", { partitionKey: { name: "sub", type: AttributeType.STRING } });
    // Sparse: holds an erasure only while it is unfinished.
    this.users.addGlobalSecondaryIndex({
      indexName: UNFINISHED_ERASURES_INDEX,
      partitionKey: { name: "erasing", type: AttributeType.STRING },
      sortKey: { name: "erasedAt", type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.refreshTokens = this.table("RefreshTokens", {
      partitionKey: { name: "sub", type: AttributeType.STRING },
    });
    this.refreshTokens.addGlobalSecondaryIndex({
      indexName: GRANTS_BY_STATUS_INDEX,
      partitionKey: { name: "listKey", type: AttributeType.STRING },
      sortKey: { name: "since", type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.sessions = this.table("Sessions", {
      partitionKey: { name: "tokenHash", type: AttributeType.STRING },
      timeToLiveAttribute: "expiresAt",
    });
    this.sessions.addGlobalSecondaryIndex({
      indexName: SESSIONS_OF_USER_INDEX,
      partitionKey: { name: "sub", type: AttributeType.STRING },
    });
    const { operatorRoleArns = [] } = stage;
    const users = { apiStackName, operatorRoleArns, removal: this.removal };
    this.grantKey = createGrantKey(this, "GrantKey", users);
    const { hasDue, rotates, credential, clientKeys } = needsOf(stage.idp);
    const secretKey = stage.secretKey === true ? users : undefined;
    this.clientSecretArn =
      credential === "secret" ? this.createClientSecret(secretKey).ref : undefined;
    this.clientSecretName =
      this.clientSecretArn && Fn.getStackOutput(this.stackName, CLIENT_SECRET_NAME, this.region);
    this.clientKeys = clientKeys === undefined ? [] : createClientKeys(this, clientKeys, users);
    const taken = {
      visibilityTimeout: functionTimeouts(stage.idp).recovery,
      removal: this.removal,
    };
    this.recoveryQueue = hasDue ? this.createRecoveryQueue(taken) : undefined;
    this.orderedRecoveryQueue = rotates
      ? new OrderedRecoveryQueue(this, "OrderedRecovery", taken).queue
      : undefined;
    acknowledge(this.sessions, "DynamoDBInBackupPlan");
    if (stage.backup === undefined) {
      acknowledge(this.users, "DynamoDBInBackupPlan");
      acknowledge(this.refreshTokens, "DynamoDBInBackupPlan");
    } else {
      addBackups(this, "Backups", {
        tables: [this.users, this.refreshTokens],
        removal: this.removal,
        ...stage.backup,
      });
    }
    this.addOutputs();
  }

  private table(id: string, props: Omit<TableProps, "tableName">): Table {
    return new Table(this, id, {
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: this.removal === RemovalPolicy.RETAIN,
      removalPolicy: this.removal,
      ...props,
    });
  }

  /** Also adds the sparse index by which the sweep finds due grants. */
  private createRecoveryQueue(taken: RecoveryQueueProps): Queue {
    this.refreshTokens.addGlobalSecondaryIndex({
      indexName: DUE_GRANTS_INDEX,
      partitionKey: { name: "dueKey", type: AttributeType.STRING },
      sortKey: { name: "dueAt", type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    const { queue, deadLetters } = new RecoveryQueue(this, "Recovery", taken);
    new CfnOutput(this, "RecoveryQueueUrl", { value: queue.queueUrl });
    // Each resource that outlives the stack has an output, by which it can be adopted.
    new CfnOutput(this, "RecoveryDeadLettersUrl", { value: deadLetters.queueUrl });
    return queue;
  }

  /** @param users of a key of its own; undefined: the account's default key */
  private createClientSecret(users: KeyUsers | undefined): CfnSecret {
    const secret = new CfnSecret(this, "ClientSecret", {
      description:
        "The identity provider's client secret, as plain text. Empty until you put it in.",
      ...(users !== undefined && { kmsKeyId: createSecretKey(this, "SecretKey", users).keyArn }),
    });
    secret.applyRemovalPolicy(this.removal);
    acknowledge(secret, "SecretsManagerRotationEnabled");
    if (users === undefined) {
      acknowledge(secret, "SecretsManagerUsingKMSKey");
    }
    Validations.of(secret).acknowledge({
      id: "AwsSolutions-SMG4",
      reason:
        "the provider has no interface to rotate its client secret; " +
        "the runbook says how to by hand",
    });
    return secret;
  }

  private addOutputs(): void {
    const outputs = {
      UsersTableName: this.users.tableName,
      RefreshTokensTableName: this.refreshTokens.tableName,
      SessionsTableName: this.sessions.tableName,
      GrantKeyArn: this.grantKey.keyArn,
      ...(this.clientSecretArn !== undefined && this.secretOutputs(this.clientSecretArn)),
      // The one that signs has a name of its own: the admin command signs with it, too.
      ...(this.clientKeys[0] !== undefined && { ClientSigningKeyArn: this.clientKeys[0].keyArn }),
      ...Object.fromEntries(this.clientKeys.map((key) => [`${key.node.id}Arn`, key.keyArn])),
    };
    for (const [name, value] of Object.entries(outputs)) {
      new CfnOutput(this, name, { value });
    }
  }

  private secretOutputs(arn: string): Readonly<Record<string, string>> {
    return {
      ClientSecretArn: arn,
      [CLIENT_SECRET_NAME]: nameOfSecret(arn),
      // From standard input, so that the secret is not in the shell's history.
      PutClientSecretCommand: `aws secretsmanager put-secret-value --region ${this.region} --secret-id ${arn} --secret-string file:///dev/stdin`,
    };
  }
}

/**
 * `ClientSecret-K3RfIFAs8e1N` of `arn:…:secret:ClientSecret-K3RfIFAs8e1N-a1b2c3`: CloudFormation
 * names it by logical id and a random part, and Secrets Manager adds a part to its ARN.
 */
function nameOfSecret(arn: string): string {
  const parts = Fn.split("-", Fn.select(6, Fn.split(":", arn)));
  return Fn.join("-", [Fn.select(0, parts), Fn.select(1, parts)]);
}
