import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { callerOf, documents, endpoint, environment, json } from "./base.mjs";
import { getUser } from "./users.mjs";

const { REFRESH_TOKENS_TABLE, SESSIONS_TABLE } = environment;

export const handler = endpoint(async (event) => {
  const { sub } = await callerOf(event);
  const [user, { Item }, { Items = [] }] = await Promise.all([
    getUser(sub),
    documents.send(new GetCommand({ TableName: REFRESH_TOKENS_TABLE, Key: { sub } })),
    documents.send(
      new QueryCommand({
        TableName: SESSIONS_TABLE,
        IndexName: "bySub",
        KeyConditionExpression: "#sub = :sub",
        ExpressionAttributeNames: { "#sub": "sub" },
        ExpressionAttributeValues: { ":sub": sub },
      }),
    ),
  ]);
  const sessions = Items.map(({ expiresAt }) => ({ expires_at: expiresAt }));
  return json(200, { user, refresh_token: { since: Item?.since }, sessions });
});
