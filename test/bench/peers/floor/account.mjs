import { call } from "./aws.mjs";
import { answer, callerOf } from "./http.mjs";
import { getUser } from "./users.mjs";

const { REFRESH_TOKENS_TABLE, SESSIONS_TABLE } = process.env;

export async function handler(event) {
  const { sub } = await callerOf(event);
  const [user, { Item }, { Items }] = await Promise.all([
    getUser(sub),
    call("dynamodb", "GetItem", { TableName: REFRESH_TOKENS_TABLE, Key: { sub: { S: sub } } }),
    call("dynamodb", "Query", {
      TableName: SESSIONS_TABLE,
      IndexName: "bySub",
      KeyConditionExpression: "#sub = :sub",
      ExpressionAttributeNames: { "#sub": "sub" },
      ExpressionAttributeValues: { ":sub": { S: sub } },
    }),
  ]);
  const sessions = Items.map(({ expiresAt }) => ({ expires_at: Number(expiresAt.N) }));
  return answer(200, { user, refresh_token: { since: Item?.since?.S }, sessions });
}
