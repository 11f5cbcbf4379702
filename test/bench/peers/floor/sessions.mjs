import { createHash, randomBytes } from "node:crypto";
import { call } from "./aws.mjs";
import { answer, callerOf } from "./http.mjs";
import { putUser } from "./users.mjs";

export async function handler(event) {
  const claims = await callerOf(event);
  const user = await putUser(claims);
  const token = `s1_${randomBytes(32).toString("base64url")}`;
  const expiresAt = Math.floor(Date.now() / 1_000) + 14 * 86_400;
  await call("dynamodb", "PutItem", {
    TableName: process.env.SESSIONS_TABLE,
    Item: {
      tokenHash: { S: createHash("sha256").update(token).digest("base64url") },
      sub: { S: claims.sub },
      expiresAt: { N: String(expiresAt) },
    },
  });
  return answer(201, { session: { token, expires_at: expiresAt }, user });
}
