import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { TableOptions } from "./dynamodb";
import { rethrow } from "./store-errors";

/** Strongly consistent, of a table whose key is `sub`. @throws UnavailableError, InternalError */
export async function readItem(
  { table, client }: TableOptions,
  sub: string,
): Promise<Record<string, unknown> | undefined> {
  const { Item } = await client
    .send(new GetCommand({ TableName: table, Key: { sub }, ConsistentRead: true }))
    .catch(rethrow);
  return Item;
}
