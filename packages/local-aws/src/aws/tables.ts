/** Makes the tables of a synthesized template, once per data folder. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type AttributeDefinition,
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type GlobalSecondaryIndex,
  type KeySchemaElement,
  ResourceNotFoundException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { localArn } from "./call";

/**
 * Properties of `AWS::DynamoDB::Table` or `AWS::DynamoDB::GlobalTable`; those not listed have no
 * local meaning.
 */
export interface TableDefinition {
  readonly TableName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly AttributeDefinitions: readonly AttributeDefinition[];
  readonly GlobalSecondaryIndexes?: readonly GlobalSecondaryIndex[];
}

const PATIENCE_MS = 5_000;

/**
 * Creates what is not there yet.
 * @returns table name → ARN
 * @throws Error where a table is there with another key
 */
export async function createTables(
  client: DynamoDBClient,
  definitions: readonly TableDefinition[],
): Promise<Map<string, string>> {
  const arns = definitions.map(async (definition): Promise<[string, string]> => {
    await ensureTable(client, definition);
    return [definition.TableName, localArn("dynamodb", `table/${definition.TableName}`)];
  });
  return new Map(await Promise.all(arns));
}

export function partitionKey(definition: TableDefinition): string {
  const key = definition.KeySchema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName;
  if (key === undefined) {
    throw new Error(`table ${definition.TableName} has no partition key`);
  }
  return key;
}

async function ensureTable(client: DynamoDBClient, definition: TableDefinition): Promise<void> {
  const found = await describe(client, definition.TableName);
  if (found === undefined) {
    await client.send(new CreateTableCommand(toInput(definition)));
  } else if (shape(found) !== shape(definition)) {
    throw new Error(
      `table ${definition.TableName} in the data folder has other keys than the template; remove the data folder`,
    );
  }
  const deadline = Date.now() + PATIENCE_MS;
  while ((await describe(client, definition.TableName))?.TableStatus !== "ACTIVE") {
    if (Date.now() > deadline) {
      throw new Error(
        `table ${definition.TableName} does not become active; remove the data folder`,
      );
    }
    await sleep(5);
  }
}

async function describe(
  client: DynamoDBClient,
  name: string,
): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      return undefined;
    }
    throw error;
  }
}

/** On demand, also where the template says otherwise: local engines do not meter. */
function toInput(definition: TableDefinition): CreateTableCommand["input"] {
  const indexes = definition.GlobalSecondaryIndexes ?? [];
  return {
    TableName: definition.TableName,
    KeySchema: [...definition.KeySchema],
    AttributeDefinitions: [...definition.AttributeDefinitions],
    BillingMode: "PAY_PER_REQUEST",
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map(({ IndexName, KeySchema, Projection }) => ({
        IndexName,
        KeySchema,
        Projection,
      })),
    }),
  };
}

/** What makes two tables the same for their items: keys of the table and of its indexes. */
function shape(table: TableDescription | TableDefinition): string {
  const keys = (schema: readonly KeySchemaElement[] = []): string[] =>
    schema.map(({ AttributeName, KeyType }) => `${KeyType ?? ""} ${AttributeName ?? ""}`);
  const indexes = (table.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema }) => [
    IndexName,
    ...keys(KeySchema),
  ]);
  indexes.sort(([one = ""], [other = ""]) => (one < other ? -1 : 1));
  return JSON.stringify([keys(table.KeySchema), indexes]);
}
