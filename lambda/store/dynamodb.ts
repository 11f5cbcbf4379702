/** The DynamoDB client: fails fast enough that a caller always gets an answer within the function's time. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, type TranslateConfig } from "@aws-sdk/lib-dynamodb";
import { sdkDefaults } from "../platform/sdk";
import { readNumber } from "./by-structure";

/** How items become values and the other way round. */
export const TRANSLATION: TranslateConfig = {
  marshallOptions: { removeUndefinedValues: true },
  unmarshallOptions: { wrapNumbers: readNumber },
};

/** What every store of this folder is made of. */
export interface TableOptions {
  /** Name or ARN. */
  readonly table: string;
  readonly client: DynamoDBDocumentClient;
}

/** Region, credentials and endpoint come from the environment, as everywhere in Lambda. */
export function createDocumentClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(sdkDefaults()), TRANSLATION);
}
