/**
 * The DynamoDB client, with timeouts short enough that a function still answers after a failure.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, type TranslateConfig } from "@aws-sdk/lib-dynamodb";
import { counted } from "../platform/meter";
import { type AwsAccess, sdkDefaults, withoutTrace } from "../platform/sdk";
import { readNumber } from "./by-structure";

/** How items are converted to values and back. */
export const TRANSLATION: TranslateConfig = {
  marshallOptions: { removeUndefinedValues: true },
  unmarshallOptions: { wrapNumbers: readNumber },
};

/** The options of every store in this folder. */
export interface TableOptions {
  /** Name or ARN. */
  readonly table: string;
  readonly client: DynamoDBDocumentClient;
}

/** @param access @default region, credentials and endpoint of the environment */
export function createDocumentClient(access?: AwsAccess): DynamoDBDocumentClient {
  const client = withoutTrace(new DynamoDBClient(sdkDefaults(access)));
  client.middlewareStack.add(counted("dynamodb"), { step: "finalizeRequest" });
  return DynamoDBDocumentClient.from(client, TRANSLATION);
}
