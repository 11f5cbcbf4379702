/** The DynamoDB client: fails fast enough that a caller always gets an answer within the function's time. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { sdkDefaults } from "../sdk";

/** Region, credentials and endpoint come from the environment, as everywhere in Lambda. */
export function createDocumentClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(sdkDefaults()), {
    marshallOptions: { removeUndefinedValues: true },
  });
}
