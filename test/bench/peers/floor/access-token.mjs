/** The same calls as ours: a lease before the provider is asked, and a write afterwards. */
import { randomUUID } from "node:crypto";
import { call, send } from "./aws.mjs";
import { answer, callerOf } from "./http.mjs";
import { newKey, open, seal } from "./secrets.mjs";

const {
  REFRESH_TOKENS_TABLE: TableName,
  TOKEN_ENDPOINT,
  CLIENT_ID,
  CLIENT_SECRET_ARN,
} = process.env;

let secret;

async function clientSecret() {
  secret ??= (await call("secretsmanager", "GetSecretValue", { SecretId: CLIENT_SECRET_ARN }))
    .SecretString;
  return secret;
}

async function refresh(sub, refreshToken) {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: refreshToken,
    client_id: CLIENT_ID,
    client_secret: await clientSecret(),
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  // A connection for each request, as ours.
  const { status, text } = await send(TOKEN_ENDPOINT, headers, form.toString(), { agent: false });
  if (status !== 200) {
    throw new Error(`the provider answers ${String(status)}`);
  }
  return JSON.parse(text).access_token;
}

async function exchange(sub, item) {
  const Key = { sub: { S: sub } };
  const owner = { S: randomUUID() };
  const now = new Date();
  await call("dynamodb", "UpdateItem", {
    TableName,
    Key,
    UpdateExpression: "SET lease = :owner, leaseUntil = :until",
    ConditionExpression: "attribute_not_exists(lease) OR leaseUntil < :now",
    ExpressionAttributeValues: {
      ":owner": owner,
      ":now": { S: now.toISOString() },
      ":until": { S: new Date(now.getTime() + 15_000).toISOString() },
    },
  });
  const accessToken = await refresh(sub, await open(sub, item.refreshToken));
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  await call("dynamodb", "UpdateItem", {
    TableName,
    Key,
    UpdateExpression: "SET accessToken = :token, expiresAt = :at REMOVE lease, leaseUntil",
    ConditionExpression: "lease = :owner",
    ExpressionAttributeValues: {
      ":owner": owner,
      ":token": seal(await newKey(sub), accessToken),
      ":at": { S: expiresAt },
    },
  });
  return { accessToken, expiresAt };
}

async function kept(sub, { accessToken, expiresAt }) {
  return { accessToken: await open(sub, accessToken), expiresAt: expiresAt.S };
}

export async function handler(event) {
  const { sub } = await callerOf(event);
  const { min_validity: seconds = 60 } = JSON.parse(event.body ?? "{}");
  const Key = { sub: { S: sub } };
  const { Item } = await call("dynamodb", "GetItem", { TableName, Key, ConsistentRead: true });
  const isKept = Item.expiresAt && Date.parse(Item.expiresAt.S) > Date.now() + seconds * 1_000;
  const { accessToken, expiresAt } = await (isKept ? kept(sub, Item) : exchange(sub, Item));
  return answer(200, {
    access_token: accessToken,
    token_type: "Bearer",
    expires_at: expiresAt,
    expires_in: Math.floor((Date.parse(expiresAt) - Date.now()) / 1_000),
  });
}
