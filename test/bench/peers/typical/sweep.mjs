/** The same calls as ours: a position, then each partition of the lists of unfinished work. */
import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { documents, endpoint, environment } from "./base.mjs";

const { USERS_TABLE, REFRESH_TOKENS_TABLE } = environment;
const SHARDS = 16;

const listed = async (TableName, key) =>
  await documents.send(
    new QueryCommand({
      TableName,
      IndexName: "list",
      KeyConditionExpression: "listKey = :key",
      ExpressionAttributeValues: { ":key": key },
      Limit: 1,
    }),
  );

export const handler = endpoint(async () => {
  const Key = { sub: "positions" };
  await documents.send(new GetCommand({ TableName: REFRESH_TOKENS_TABLE, Key }));
  for (let shard = 0; shard < SHARDS; shard += 1) {
    await listed(REFRESH_TOKENS_TABLE, `disconnecting#${String(shard)}`);
  }
  await listed(USERS_TABLE, "erasing");
});
