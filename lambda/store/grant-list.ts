/** Grants by status, page by page, for the operator and the sweeper: keys only, through an index that lags behind by moments. */
import { QueryCommand, type QueryCommandOutput } from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import type { EpochMs } from "../model";
import { LIST_SHARDS, listKey, type ListedStatus } from "./grant-item";
import type { GrantStoreOptions } from "./grant-store";
import { itemTime } from "./item-time";
import { rethrow } from "./store-errors";

const BY_STATUS = "byStatus";

export interface ListedGrant {
  readonly sub: string;
  readonly since: EpochMs;
}

export interface GrantPage {
  readonly grants: readonly ListedGrant[];
  /** Opaque: where the next page begins; undefined on the last one. */
  readonly next: string | undefined;
}

export interface PageRequest {
  readonly status: ListedStatus;
  readonly limit: number;
  /** `next` of the page before. */
  readonly after: string | undefined;
}

const cursorSchema = v.strictObject({
  shard: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LIST_SHARDS - 1)),
  key: v.optional(v.record(v.string(), v.string())),
});

type Cursor = v.InferOutput<typeof cursorSchema>;

const listed = v.object({ sub: v.string(), since: itemTime });

/** @throws RangeError where `after` is no cursor; UnavailableError, InternalError */
export function createGrantList({ table, client }: GrantStoreOptions) {
  return async ({ status, limit, after }: PageRequest): Promise<GrantPage> => {
    const grants: ListedGrant[] = [];
    let cursor: Cursor | undefined = after === undefined ? { shard: 0 } : readCursor(after);
    while (cursor !== undefined && grants.length < limit) {
      const { shard, key }: Cursor = cursor;
      const { Items, LastEvaluatedKey }: QueryCommandOutput = await client
        .send(
          new QueryCommand({
            TableName: table,
            IndexName: BY_STATUS,
            KeyConditionExpression: "#listKey = :listKey",
            ExpressionAttributeNames: { "#listKey": "listKey" },
            ExpressionAttributeValues: { ":listKey": listKey(status, shard) },
            Limit: limit - grants.length,
            ...(key && { ExclusiveStartKey: key }),
          }),
        )
        .catch(rethrow);
      grants.push(...(Items ?? []).map((item) => v.parse(listed, item)));
      cursor =
        LastEvaluatedKey === undefined
          ? nextShard(shard)
          : { shard, key: LastEvaluatedKey as Record<string, string> };
    }
    return { grants, next: cursor && writeCursor(cursor) };
  };
}

function nextShard(shard: number): Cursor | undefined {
  return shard + 1 < LIST_SHARDS ? { shard: shard + 1 } : undefined;
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
