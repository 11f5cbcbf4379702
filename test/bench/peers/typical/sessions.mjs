import { createHash, randomBytes } from "node:crypto";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { callerOf, documents, endpoint, environment, json } from "./base.mjs";
import { putUser } from "./users.mjs";

export const handler = endpoint(async (event) => {
  const claims = await callerOf(event);
  const user = await putUser(claims);
  const token = `s1_${randomBytes(32).toString("base64url")}`;
  const expiresAt = Math.floor(Date.now() / 1_000) + 14 * 86_400;
  const tokenHash = createHash("sha256").update(token).digest("base64url");
  await documents.send(
    new PutCommand({
      TableName: environment.SESSIONS_TABLE,
      Item: { tokenHash, sub: claims.sub, expiresAt },
    }),
  );
  return json(201, { session: { token, expires_at: expiresAt }, user });
});
