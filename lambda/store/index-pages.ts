/** Keys from a global secondary index, partition by partition and page by page. */
import { QueryCommand, type QueryCommandOutput } from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import type { TableOptions } from "./dynamodb";
import { rethrow } from "./store-errors";

export interface IndexOptions extends TableOptions {
  readonly index: string;
  /** Name of the partition key, and its values in order. */
  readonly key: string;
  readonly partitions: readonly string[];
  /** Name of the sort key; the table's own key is `sub`. */
  readonly sort: string;
}

export interface IndexRequest {
  /** Sort key below this. @default all */
  readonly before?: string;
  readonly limit: number;
  readonly after: string | undefined;
}

export interface IndexPage {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  /** Opaque: where the next page begins; undefined on the last one. */
  readonly next: string | undefined;
}

const cursorSchema = v.strictObject({
  shard: v.pipe(v.number(), v.integer(), v.minValue(0)),
  key: v.optional(v.record(v.string(), v.string())),
});

type Cursor = v.InferOutput<typeof cursorSchema>;

/** @throws RangeError where `after` is no cursor of this index; UnavailableError, InternalError */
export function createIndexPages(options: IndexOptions) {
  const { partitions, client } = options;

  return async ({ before, limit, after }: IndexRequest): Promise<IndexPage> => {
    const items: Record<string, unknown>[] = [];
    let cursor: Cursor | undefined = after === undefined ? { shard: 0 } : readCursor(after);
    while (cursor !== undefined && items.length < limit) {
      const { shard, key }: Cursor = cursor;
      const partition = partitions[shard];
      if (partition === undefined || !isKeyOf(options, partition, key)) {
        throw new RangeError("no cursor of this list");
      }
      const query = queryOf(options, { partition, before, limit: limit - items.length, key });
      const { Items, LastEvaluatedKey }: QueryCommandOutput = await client
        .send(query)
        .catch(rethrow);
      items.push(...(Items ?? []));
      cursor =
        LastEvaluatedKey === undefined
          ? nextShard(shard, partitions.length)
          : { shard, key: LastEvaluatedKey as Record<string, string> };
    }
    return { items, next: cursor && writeCursor(cursor) };
  };
}

/** DynamoDB refuses a malformed start key: a damaged cursor must not stop a list for good. */
function isKeyOf(
  { key: name, sort }: IndexOptions,
  partition: string,
  key: Readonly<Record<string, string>> | undefined,
): boolean {
  if (key === undefined) {
    return true;
  }
  const names = [name, sort, "sub"];
  return (
    Object.keys(key).length === names.length &&
    names.every((member) => (key[member] ?? "") !== "") &&
    key[name] === partition
  );
}

interface Part {
  readonly partition: string;
  readonly before: string | undefined;
  readonly limit: number;
  readonly key: Record<string, string> | undefined;
}

function queryOf(
  { table, index, key: name, sort }: IndexOptions,
  { partition, before, limit, key }: Part,
): QueryCommand {
  const isBounded = before !== undefined;
  return new QueryCommand({
    TableName: table,
    IndexName: index,
    KeyConditionExpression: isBounded ? "#key = :key AND #sort < :before" : "#key = :key",
    ExpressionAttributeNames: { "#key": name, ...(isBounded && { "#sort": sort }) },
    ExpressionAttributeValues: { ":key": partition, ...(isBounded && { ":before": before }) },
    Limit: limit,
    ...(key && { ExclusiveStartKey: key }),
  });
}

function nextShard(shard: number, count: number): Cursor | undefined {
  return shard + 1 < count ? { shard: shard + 1 } : undefined;
}

function writeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

function readCursor(text: string): Cursor {
  try {
    return v.parse(cursorSchema, JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  } catch {
    throw new RangeError("no cursor of this list");
  }
}
