/** The same calls as ours: a position, then each partition of the lists of unfinished work. */
import { call } from "./aws.mjs";

const { USERS_TABLE, REFRESH_TOKENS_TABLE } = process.env;
const SHARDS = 16;

const listed = async (TableName, key) =>
  await call("dynamodb", "Query", {
    TableName,
    IndexName: "list",
    KeyConditionExpression: "listKey = :key",
    ExpressionAttributeValues: { ":key": { S: key } },
    Limit: 1,
  });

export async function handler() {
  const Key = { sub: { S: "positions" } };
  await call("dynamodb", "GetItem", { TableName: REFRESH_TOKENS_TABLE, Key });
  for (let shard = 0; shard < SHARDS; shard += 1) {
    await listed(REFRESH_TOKENS_TABLE, `disconnecting#${String(shard)}`);
  }
  await listed(USERS_TABLE, "erasing");
  process.stdout.write('{"level":"info","swept":0}\n');
}
