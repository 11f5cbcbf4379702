/**
 * Grants by status, page by page, for the operator. Keys only, by an index that lags behind by
 * moments.
 */
import * as v from "valibot";
import { GRANTS_BY_STATUS_INDEX } from "../facts";
import type { EpochMs } from "../model";
import type { TableOptions } from "./dynamodb";
import { LIST_SHARDS, type ListedStatus, listKey } from "./grant-item";
import { createIndexPages } from "./index-pages";
import { itemTime } from "./item-time";

interface ListedGrant {
  readonly sub: string;
  readonly status: ListedStatus;
  /** Undefined where it cannot be read. */
  readonly since: EpochMs | undefined;
}

export interface GrantPage {
  readonly grants: readonly ListedGrant[];
  /** Opaque: where the next page begins; undefined on the last one. */
  readonly next: string | undefined;
}

export interface GrantPageRequest {
  /** Undefined: all, one after the other. */
  readonly status?: ListedStatus | undefined;
  readonly limit: number;
  /** `next` of the page before. */
  readonly after: string | undefined;
}

/** Those that need a person first. */
export const LISTED_STATUSES = [
  "needs_sign_in",
  "frozen",
  "disconnecting",
  "disconnected",
  "active",
] as const satisfies readonly ListedStatus[];

const listed = v.object({
  sub: v.string(),
  /** `<status>#<shard>` */
  listKey: v.pipe(
    v.string(),
    v.transform((key) => key.split("#")[0]),
    v.picklist(LISTED_STATUSES),
  ),
  since: v.fallback(v.optional(itemTime), undefined),
});

export const SHARDS = Array.from({ length: LIST_SHARDS }, (_, shard) => shard);

/** @throws RangeError where `after` is no cursor; UnavailableError, InternalError */
export function createGrantList(options: TableOptions) {
  return async ({ status, limit, after }: GrantPageRequest): Promise<GrantPage> => {
    const statuses = status === undefined ? LISTED_STATUSES : [status];
    const partitions = statuses.flatMap((each) => SHARDS.map((shard) => listKey(each, shard)));
    const pages = createIndexPages({
      ...options,
      index: GRANTS_BY_STATUS_INDEX,
      key: "listKey",
      sort: "since",
      partitions,
    });
    const { items, next } = await pages({ limit, after });
    const grants = items.map((item) => {
      const { sub, since, listKey: key } = v.parse(listed, item);
      return { sub, since, status: key };
    });
    return { grants, next };
  };
}
