import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { documents, endpoint, environment } from "./base.mjs";

const { USERS_TABLE, REFRESH_TOKENS_TABLE } = environment;

const listed = async (TableName, sub) =>
  await documents.send(new GetCommand({ TableName, Key: { sub } }));

export const handler = endpoint(async () => {
  await Promise.all([
    listed(USERS_TABLE, "erasing"),
    listed(REFRESH_TOKENS_TABLE, "disconnecting"),
  ]);
});
