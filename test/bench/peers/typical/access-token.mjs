/** What the documentation advises: keep the token until it runs out, then refresh it. No lease. */
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { callerOf, documents, endpoint, environment, json, tracer } from "./base.mjs";
import { decrypt, encrypt, sealed } from "./secrets.mjs";

const { REFRESH_TOKENS_TABLE: TableName, TOKEN_ENDPOINT, CLIENT_ID } = environment;
const secrets = tracer.captureAWSv3Client(new SecretsManagerClient({}));
const bodySchema = z.strictObject({ min_validity: z.number().int().min(0).default(60) });
const grantSchema = z.object({
  refreshToken: sealed,
  accessToken: sealed.optional(),
  expiresAt: z.iso.datetime().optional(),
});
const tokensSchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  expires_in: z.number().optional(),
});

let secret;

async function clientSecret() {
  const input = { SecretId: environment.CLIENT_SECRET_ARN };
  secret ??= (await secrets.send(new GetSecretValueCommand(input))).SecretString;
  return secret;
}

async function refresh(refreshToken) {
  const response = await fetch(TOKEN_ENDPOINT, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: refreshToken,
      client_id: CLIENT_ID,
      client_secret: await clientSecret(),
    }),
  });
  return response.ok ? tokensSchema.parse(await response.json()) : undefined;
}

async function exchange(sub, grant) {
  const refreshToken = await decrypt(sub, grant.refreshToken);
  const tokens = await refresh(refreshToken);
  if (tokens === undefined) {
    return undefined;
  }
  const expiresAt = new Date(Date.now() + (tokens.expires_in ?? 3_600) * 1_000).toISOString();
  const successor = tokens.refresh_token ?? refreshToken;
  const isNew = successor !== refreshToken;
  await documents.send(
    new UpdateCommand({
      TableName,
      Key: { sub },
      UpdateExpression: `SET accessToken = :token, expiresAt = :at${isNew ? ", refreshToken = :next" : ""}`,
      ExpressionAttributeValues: {
        ":token": await encrypt(sub, tokens.access_token),
        ":at": expiresAt,
        ":next": isNew ? await encrypt(sub, successor) : undefined,
      },
    }),
  );
  return { accessToken: tokens.access_token, expiresAt };
}

async function kept(sub, { accessToken, expiresAt }) {
  return { accessToken: await decrypt(sub, accessToken), expiresAt };
}

export const handler = endpoint(async (event) => {
  const { sub } = await callerOf(event);
  const { min_validity: seconds } = bodySchema.parse(JSON.parse(event.body ?? "{}"));
  const input = { TableName, Key: { sub }, ConsistentRead: true };
  const grant = grantSchema.parse((await documents.send(new GetCommand(input))).Item);
  const isKept =
    grant.expiresAt !== undefined && Date.parse(grant.expiresAt) > Date.now() + seconds * 1_000;
  const token = await (isKept ? kept(sub, grant) : exchange(sub, grant));
  return token === undefined
    ? json(502, { message: "the provider refused" })
    : json(200, {
        access_token: token.accessToken,
        token_type: "Bearer",
        expires_at: token.expiresAt,
        expires_in: Math.floor((Date.parse(token.expiresAt) - Date.now()) / 1_000),
      });
});
