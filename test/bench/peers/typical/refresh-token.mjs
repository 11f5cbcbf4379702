import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { callerOf, documents, endpoint, environment, json } from "./base.mjs";
import { encrypt } from "./secrets.mjs";

const bodySchema = z.strictObject({ refresh_token: z.jwt() });

export const handler = endpoint(async (event) => {
  const { sub } = await callerOf(event);
  const { refresh_token: refreshToken } = bodySchema.parse(JSON.parse(event.body ?? "{}"));
  const since = new Date().toISOString();
  await documents.send(
    new UpdateCommand({
      TableName: environment.REFRESH_TOKENS_TABLE,
      Key: { sub },
      UpdateExpression: "SET refreshToken = :token, since = :since REMOVE accessToken, expiresAt",
      ExpressionAttributeValues: { ":token": await encrypt(sub, refreshToken), ":since": since },
    }),
  );
  return json(200, { status: "active", since });
});
