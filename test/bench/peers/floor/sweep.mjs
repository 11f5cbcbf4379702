/** As ours: looks for unfinished erasures and disconnects. */
import { call } from "./aws.mjs";

const { USERS_TABLE, REFRESH_TOKENS_TABLE } = process.env;

const listed = async (TableName, Key) => await call("dynamodb", "GetItem", { TableName, Key });

export async function handler() {
  await Promise.all([
    listed(USERS_TABLE, { sub: { S: "erasing" } }),
    listed(REFRESH_TOKENS_TABLE, { sub: { S: "disconnecting" } }),
  ]);
  process.stdout.write('{"level":"info","swept":0}\n');
}
