import { call } from "./aws.mjs";
import { answer, callerOf } from "./http.mjs";
import { newKey, seal } from "./secrets.mjs";

export async function handler(event) {
  const { sub } = await callerOf(event);
  const { refresh_token: refreshToken } = JSON.parse(event.body);
  // It has no `exp`, which the library asks for, so its form alone is looked at.
  if (refreshToken.split(".").length !== 3) {
    return answer(422, {});
  }
  const since = new Date().toISOString();
  await call("dynamodb", "UpdateItem", {
    TableName: process.env.REFRESH_TOKENS_TABLE,
    Key: { sub: { S: sub } },
    UpdateExpression: "SET refreshToken = :token, since = :since REMOVE accessToken, expiresAt",
    ExpressionAttributeValues: {
      ":token": seal(await newKey(sub), refreshToken),
      ":since": { S: since },
    },
  });
  return answer(200, { status: "active", since });
}
