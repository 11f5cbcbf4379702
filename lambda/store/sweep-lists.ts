/**
 * The lists of the sweep, and its positions in them: an item in the table of grants, under a key
 * that no `sub` can have (control-keys.ts).
 */
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import { DUE_GRANTS_INDEX, GRANTS_BY_STATUS_INDEX, UNFINISHED_ERASURES_INDEX } from "../facts";
import type { SubjectList, SweepPositions } from "../ports/sweep";
import { POSITIONS_KEY } from "./control-keys";
import type { TableOptions } from "./dynamodb";
import { dueKey, listKey } from "./grant-item";
import { SHARDS } from "./grant-list";
import { createIndexPages, type IndexOptions } from "./index-pages";
import { itemTime, toItemTime } from "./item-time";
import { rethrow } from "./store-errors";
import { ERASING } from "./user-item";

const keyed = v.object({ sub: v.string() });

/**
 * Interrupted erasures.
 * @param options of the users table
 */
export function createErasingList(options: TableOptions): SubjectList {
  return begunList({
    ...options,
    index: UNFINISHED_ERASURES_INDEX,
    key: "erasing",
    sort: "erasedAt",
    partitions: [ERASING],
  });
}

/** Interrupted disconnects. */
export function createDisconnectingList(options: TableOptions): SubjectList {
  return begunList({
    ...options,
    index: GRANTS_BY_STATUS_INDEX,
    key: "listKey",
    sort: "since",
    partitions: SHARDS.map((shard) => listKey("disconnecting", shard)),
  });
}

/** The index exists only where grants can be due (lib/data-stack.ts). */
export function createDueList(options: TableOptions): SubjectList {
  return listOf({
    ...options,
    index: DUE_GRANTS_INDEX,
    key: "dueKey",
    sort: "dueAt",
    partitions: SHARDS.map(dueKey),
  });
}

function listOf(options: IndexOptions): SubjectList {
  const pages = createPages(options);
  return {
    page: async ({ before, limit, after }) => {
      const { items, next } = await pages({ before: toItemTime(before), limit, after });
      return { subs: items.map((item) => v.parse(keyed, item).sub), next };
    },
  };
}

/**
 * A list of interrupted work, which is always short. It is queried without a bound on time and
 * filtered here: an item with an unreadable time sorts after all others, and must not be missed for
 * ever.
 */
function begunList(options: IndexOptions): SubjectList {
  const pages = createPages(options);
  return {
    page: async ({ before, limit, after }) => {
      const { items, next } = await pages({ limit, after });
      const old = items.filter((item) => {
        const { success, output } = v.safeParse(itemTime, item[options.sort]);
        return !success || output < before;
      });
      return { subs: old.map((item) => v.parse(keyed, item).sub), next };
    },
  };
}

/** Starts at the beginning where `after` is no cursor of this list. */
function createPages(options: IndexOptions): ReturnType<typeof createIndexPages> {
  const pages = createIndexPages(options);
  return async (request) =>
    await pages(request).catch((error: unknown) => {
      if (error instanceof RangeError) {
        return pages({ ...request, after: undefined });
      }
      throw error;
    });
}

const positionsSchema = v.object({
  erasing: v.optional(v.string()),
  disconnecting: v.optional(v.string()),
  due: v.optional(v.string()),
});

export function createSweepPositions({ table, client }: TableOptions): SweepPositions {
  return {
    read: async () => {
      const { Item } = await client
        .send(new GetCommand({ TableName: table, Key: { sub: POSITIONS_KEY } }))
        .catch(rethrow);
      const { output, success } = v.safeParse(positionsSchema, Item ?? {});
      // Without positions a sweep starts at the beginning, which is always right.
      return success ? output : {};
    },
    write: async (list, position) => {
      await client
        .send(
          new UpdateCommand({
            TableName: table,
            Key: { sub: POSITIONS_KEY },
            UpdateExpression: position === undefined ? "REMOVE #list" : "SET #list = :position",
            ExpressionAttributeNames: { "#list": list },
            ...(position !== undefined && { ExpressionAttributeValues: { ":position": position } }),
          }),
        )
        .catch(rethrow);
    },
  };
}
