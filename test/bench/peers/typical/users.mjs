import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { callerOf, documents, endpoint, environment, json } from "./base.mjs";

const TableName = environment.USERS_TABLE;
const userSchema = z.object({
  sub: z.string(),
  claims: z.record(z.string(), z.unknown()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  version: z.number().int(),
});

export async function putUser({ sub, name, iat }) {
  const { Attributes } = await documents.send(
    new UpdateCommand({
      TableName,
      Key: { sub },
      UpdateExpression:
        "SET claims = :claims, claimsIat = :iat, updatedAt = :now, createdAt = if_not_exists(createdAt, :now) ADD version :one",
      ExpressionAttributeValues: {
        ":claims": { name },
        ":iat": iat,
        ":now": new Date().toISOString(),
        ":one": 1,
      },
      ReturnValues: "ALL_NEW",
    }),
  );
  return userSchema.parse(Attributes);
}

export async function getUser(sub) {
  const input = { TableName, Key: { sub }, ConsistentRead: true };
  return userSchema.parse((await documents.send(new GetCommand(input))).Item);
}

export const handler = endpoint(async (event) => {
  const claims = await callerOf(event);
  const isPut = event.routeKey === "PUT /me";
  return json(200, isPut ? await putUser(claims) : await getUser(claims.sub));
});
