/**
 * The real SDK clients against a local AWS. One attempt each: a retry would hide what the endpoint
 * did.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Endpoints } from "../../src/aws/admin";

export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly kms: KMSClient;
  readonly secrets: SecretsManagerClient;
  destroy(): void;
}

export function createClients(endpoints: Endpoints, accessKeyId = "TESTER"): Clients {
  const common = {
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: "made up" },
    maxAttempts: 1,
  };
  const dynamodb = new DynamoDBClient({ ...common, endpoint: endpoints.dynamodb });
  const kms = new KMSClient({ ...common, endpoint: endpoints.kms });
  const secrets = new SecretsManagerClient({ ...common, endpoint: endpoints.secretsmanager });
  const destroy = (): void => {
    [dynamodb, kms, secrets].forEach((client) => {
      client.destroy();
    });
  };
  return { dynamodb, kms, secrets, destroy };
}

/** Name and HTTP status of the error that the call ends with. */
export async function failure(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "no error";
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${name} ${$metadata?.httpStatusCode ?? "without an answer"}`;
  }
}

export const USERS = {
  TableName: "Users",
  KeySchema: [{ AttributeName: "sub", KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: "sub", AttributeType: "S" }],
} as const;
