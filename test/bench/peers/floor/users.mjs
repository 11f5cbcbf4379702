import { call } from "./aws.mjs";
import { answer, callerOf } from "./http.mjs";

const TableName = process.env.USERS_TABLE;

export async function putUser({ sub, name, iat }) {
  const { Attributes } = await call("dynamodb", "UpdateItem", {
    TableName,
    Key: { sub: { S: sub } },
    UpdateExpression:
      "SET claims = :claims, claimsIat = :iat, updatedAt = :now, createdAt = if_not_exists(createdAt, :now) ADD version :one",
    ExpressionAttributeValues: {
      ":claims": { M: { name: { S: name } } },
      ":iat": { N: String(iat) },
      ":now": { S: new Date().toISOString() },
      ":one": { N: "1" },
    },
    ReturnValues: "ALL_NEW",
  });
  return toUser(Attributes);
}

export async function getUser(sub) {
  const Key = { sub: { S: sub } };
  return toUser((await call("dynamodb", "GetItem", { TableName, Key, ConsistentRead: true })).Item);
}

function toUser({ sub, claims, createdAt, updatedAt, version }) {
  return {
    sub: sub.S,
    claims: { name: claims.M.name.S },
    attributes: {},
    created_at: createdAt.S,
    updated_at: updatedAt.S,
    version: Number(version.N),
  };
}

export async function handler(event) {
  const claims = await callerOf(event);
  const isPut = event.routeKey === "PUT /me";
  return answer(200, isPut ? await putUser(claims) : await getUser(claims.sub));
}
