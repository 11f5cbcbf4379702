/**
 * The DynamoDB client: fails fast enough that a caller always gets an answer within the function's
 * time.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, type TranslateConfig } from "@aws-sdk/lib-dynamodb";
import { sdkDefaults, type AwsAccess } from "../platform/sdk";
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

/** @param access @default region, credentials and endpoint of the environment */
export function createDocumentClient(access?: AwsAccess): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(sdkDefaults(access)), TRANSLATION);
}
