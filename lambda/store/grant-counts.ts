/** How many grants each status has, for the operator. */
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { GRANTS_BY_STATUS_INDEX } from "../facts";
import type { TableOptions } from "./dynamodb";
import { type ListedStatus, listKey } from "./grant-item";
import { LISTED_STATUSES, SHARDS } from "./grant-list";
import { rethrow } from "./store-errors";

export interface GrantCount {
  readonly status: ListedStatus;
  readonly count: number;
  /** Whether that is all; else there are more. */
  readonly isAll: boolean;
}

/** Of each shard: one page has some thousand entries of the index, at about 130 read units. */
const MAX_PAGES = 3;

/** By an index that lags behind by moments. @throws UnavailableError, InternalError */
export function createGrantCounts(options: TableOptions) {
  return async (): Promise<readonly GrantCount[]> => {
    const counts: GrantCount[] = [];
    // Not all at once: eighty calls over as many connections run into their time limits.
    for (const status of LISTED_STATUSES) {
      const shards = await Promise.all(
        SHARDS.map((shard) => countOf(options, listKey(status, shard))),
      );
      const count = shards.reduce((sum, each) => sum + each.count, 0);
      counts.push({ status, count, isAll: shards.every(({ isAll }) => isAll) });
    }
    return counts;
  };
}

async function countOf(
  { table, client }: TableOptions,
  key: string,
): Promise<Omit<GrantCount, "status">> {
  let count = 0;
  let start: Record<string, unknown> | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { Count, LastEvaluatedKey } = await client
      .send(
        new QueryCommand({
          TableName: table,
          IndexName: GRANTS_BY_STATUS_INDEX,
          KeyConditionExpression: "listKey = :key",
          ExpressionAttributeValues: { ":key": key },
          Select: "COUNT",
          ...(start && { ExclusiveStartKey: start }),
        }),
      )
      .catch(rethrow);
    count += Count ?? 0;
    start = LastEvaluatedKey;
    if (start === undefined) {
      return { count, isAll: true };
    }
  }
  return { count, isAll: false };
}
