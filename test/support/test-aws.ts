/** The local AWS on throw-away data, and the product's own SDK clients pointed at it. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { EngineName } from "@rollup-vault/local-aws/aws/engines";
import { type LocalAws, startLocalAws } from "@rollup-vault/local-aws/aws/start";
import { TRANSLATION } from "../../lambda/store/dynamodb";
import { HAS_DYNOXIDE } from "./dynoxide";

export interface TestAws {
  readonly aws: LocalAws;
  readonly documents: DynamoDBDocumentClient;
  readonly kms: KMSClient;
  readonly secrets: SecretsManagerClient;
  readonly keyArn: string;
  /** An empty table with partition key `sub`. */
  createTable(): Promise<string>;
  /** The same with the index of unfinished erasures, as lib/data-stack.ts has it. */
  createUsersTable(): Promise<string>;
  /** The same with the indexes of grants, as lib/data-stack.ts has them. */
  createGrantsTable(): Promise<string>;
  /** An empty table with partition key `tokenHash` and the index by `sub`. */
  createSessionsTable(): Promise<string>;
  close(): Promise<void>;
}

/** Where dynoxide is not there its suites are skipped, visibly. */
export const ENGINES: readonly (readonly [EngineName, jest.Describe])[] = [
  ["dynalite", describe],
  ["dynoxide", HAS_DYNOXIDE ? describe : describe.skip],
];

function keysOnly(IndexName: string, hash: string, range: string) {
  return {
    IndexName,
    KeySchema: [
      { AttributeName: hash, KeyType: "HASH" as const },
      { AttributeName: range, KeyType: "RANGE" as const },
    ],
    Projection: { ProjectionType: "KEYS_ONLY" as const },
  };
}

export async function startTestAws(engine: EngineName = "dynalite"): Promise<TestAws> {
  const aws = await startLocalAws({ engine });
  const common = {
    region: "us-east-1",
    credentials: { accessKeyId: "TESTACCESSKEY0000001", secretAccessKey: "made up" },
    maxAttempts: 1,
  };
  const { dynamodb, kms, secretsmanager } = aws.endpoints;
  const documents = DynamoDBDocumentClient.from(
    new DynamoDBClient({ ...common, endpoint: dynamodb }),
    TRANSLATION,
  );
  const clients = {
    documents,
    kms: new KMSClient({ ...common, endpoint: kms }),
    secrets: new SecretsManagerClient({ ...common, endpoint: secretsmanager }),
  };
  const keyArn = await aws.createKey({ logicalId: "GrantKey" });
  let serial = 0;
  return {
    aws,
    ...clients,
    keyArn,
    createTable: async () => {
      const TableName = `Table${String((serial += 1))}`;
      await aws.createTables([
        {
          TableName,
          KeySchema: [{ AttributeName: "sub", KeyType: "HASH" }],
          AttributeDefinitions: [{ AttributeName: "sub", AttributeType: "S" }],
        },
      ]);
      return TableName;
    },
    createUsersTable: async () => {
      const TableName = `Table${String((serial += 1))}`;
      await aws.createTables([
        {
          TableName,
          KeySchema: [{ AttributeName: "sub", KeyType: "HASH" }],
          AttributeDefinitions: ["sub", "erasing", "erasedAt"].map((AttributeName) => ({
            AttributeName,
            AttributeType: "S" as const,
          })),
          GlobalSecondaryIndexes: [keysOnly("erasing", "erasing", "erasedAt")],
        },
      ]);
      return TableName;
    },
    createGrantsTable: async () => {
      const TableName = `Table${String((serial += 1))}`;
      await aws.createTables([
        {
          TableName,
          KeySchema: [{ AttributeName: "sub", KeyType: "HASH" }],
          AttributeDefinitions: ["sub", "listKey", "since", "dueKey", "dueAt"].map(
            (AttributeName) => ({ AttributeName, AttributeType: "S" as const }),
          ),
          GlobalSecondaryIndexes: [
            keysOnly("byStatus", "listKey", "since"),
            keysOnly("byDue", "dueKey", "dueAt"),
          ],
        },
      ]);
      return TableName;
    },
    createSessionsTable: async () => {
      const TableName = `Table${String((serial += 1))}`;
      await aws.createTables([
        {
          TableName,
          KeySchema: [{ AttributeName: "tokenHash", KeyType: "HASH" }],
          AttributeDefinitions: [
            { AttributeName: "tokenHash", AttributeType: "S" },
            { AttributeName: "sub", AttributeType: "S" },
          ],
          GlobalSecondaryIndexes: [
            {
              IndexName: "bySub",
              KeySchema: [{ AttributeName: "sub", KeyType: "HASH" }],
              Projection: { ProjectionType: "ALL" },
            },
          ],
        },
      ]);
      return TableName;
    },
    close: async () => {
      documents.destroy();
      clients.kms.destroy();
      clients.secrets.destroy();
      await aws.close();
    },
  };
}
