/**
 * What a deployment does once: makes keys, secrets and tables. Works the same against the local
 * services and external ones.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import { LOCAL_REGION } from "./call";
import { createQueue, type QueueDefinition } from "./queue-admin";
import { createTables, type TableDefinition } from "./tables";

export interface Endpoints {
  readonly dynamodb: string;
  readonly kms: string;
  readonly secretsmanager: string;
  /** Only where there are queues. */
  readonly sqs?: string;
}

/** As a template has it, by the names of the API. */
interface KeyDefinition extends Pick<CreateKeyCommandInput, "KeySpec" | "KeyUsage" | "Origin"> {
  readonly logicalId: string;
}

export interface Admin {
  /** Creates the tables that are not there yet. @returns table name → ARN */
  createTables(definitions: readonly TableDefinition[]): Promise<Map<string, string>>;
  /** @returns the ARN; the same one for the same logical id as long as the data folder lasts */
  createKey(options: KeyDefinition): Promise<string>;
  /** A secret that exists keeps its value. @returns the ARN */
  createSecret(options: { readonly name: string; readonly value?: string }): Promise<string>;
  putSecretValue(name: string, value: string): Promise<void>;
  disableKey(keyArn: string): Promise<void>;
  enableKey(keyArn: string): Promise<void>;
  /** A queue that exists keeps its messages. @returns the queue's URL */
  createQueue(options: QueueDefinition): Promise<string>;
  /** New ciphertexts are made under new material, old ones still open. */
  rotateKey(keyArn: string): Promise<void>;
  close(): void;
}

export function createAdmin(endpoints: Endpoints, accessKeyId: string): Admin {
  const common = {
    region: LOCAL_REGION,
    credentials: { accessKeyId, secretAccessKey: "made up for a local run" },
  };
  const dynamodb = new DynamoDBClient({ ...common, endpoint: endpoints.dynamodb });
  const kms = new KMSClient({ ...common, endpoint: endpoints.kms });
  const secrets = new SecretsManagerClient({ ...common, endpoint: endpoints.secretsmanager });
  const sqs = new SQSClient({ ...common, ...(endpoints.sqs && { endpoint: endpoints.sqs }) });
  return {
    createTables: async (definitions) => await createTables(dynamodb, definitions),
    ...keyAdmin(kms),
    ...secretAdmin(secrets),
    createQueue: async (definition) => await createQueue(sqs, endpoints.sqs, definition),
    close: () => {
      [dynamodb, kms, secrets, sqs].forEach((client) => {
        client.destroy();
      });
    },
  };
}

function keyAdmin(
  kms: KMSClient,
): Pick<Admin, "createKey" | "disableKey" | "enableKey" | "rotateKey"> {
  return {
    createKey: async (definition) => await ensureKey(kms, definition),
    disableKey: async (KeyId) => {
      await kms.send(new DisableKeyCommand({ KeyId }));
    },
    enableKey: async (KeyId) => {
      await kms.send(new EnableKeyCommand({ KeyId }));
    },
    rotateKey: async (KeyId) => {
      await kms.send(new RotateKeyOnDemandCommand({ KeyId }));
    },
  };
}

/** An alias remembers which key belongs to which logical id. */
async function ensureKey(
  kms: KMSClient,
  { logicalId, ...definition }: KeyDefinition,
): Promise<string> {
  const AliasName = `alias/rollup-vault/local/${logicalId}`;
  const found = await ifThere(kms.send(new DescribeKeyCommand({ KeyId: AliasName })));
  const made =
    found ?? (await kms.send(new CreateKeyCommand({ Description: logicalId, ...definition })));
  const KeyId = required(made.KeyMetadata?.Arn);
  if (found === undefined) {
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
  }
  return KeyId;
}

function secretAdmin(client: SecretsManagerClient): Pick<Admin, "createSecret" | "putSecretValue"> {
  return {
    createSecret: async ({ name, value }) => {
      const found = await ifThere(client.send(new DescribeSecretCommand({ SecretId: name })));
      const made =
        found ?? (await client.send(new CreateSecretCommand({ Name: name, SecretString: value })));
      return required(made.ARN);
    },
    putSecretValue: async (name, value) => {
      await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
    },
  };
}

async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (["NotFoundException", "ResourceNotFoundException"].includes((error as Error).name)) {
      return undefined;
    }
    throw error;
  }
}

function required(arn: string | undefined): string {
  if (arn === undefined) {
    throw new Error("the endpoint answered without an ARN");
  }
  return arn;
}
