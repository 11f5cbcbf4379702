/** The product's document client before dynalite without a socket. */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { createInProcessEngine } from "@rollup-vault/local-aws/testing/in-process-engine";
import { TRANSLATION } from "../../lambda/store/dynamodb";

export function createInProcessDynamoDb() {
  const client = new DynamoDBClient({
    region: "us-east-1",
    credentials: { accessKeyId: "TESTACCESSKEY0000001", secretAccessKey: "made up" },
    maxAttempts: 1,
    requestHandler: createInProcessEngine(),
  });
  return {
    documents: DynamoDBDocumentClient.from(client, TRANSLATION),
    createTable: async (TableName: string, HashKey: string, index?: string): Promise<string> => {
      const names = index === undefined ? [HashKey] : [HashKey, index];
      const input: CreateTableCommandInput = {
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: HashKey, KeyType: "HASH" }],
        AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        ...(index !== undefined && {
          GlobalSecondaryIndexes: [
            {
              IndexName: "bySub",
              KeySchema: [{ AttributeName: index, KeyType: "HASH" as const }],
              Projection: { ProjectionType: "ALL" as const },
            },
          ],
        }),
      };
      await client.send(new CreateTableCommand(input));
      // The engine makes a table active in the next turn of the loop.
      await new Promise((resolve) => setTimeout(resolve, 5));
      return TableName;
    },
  };
}
