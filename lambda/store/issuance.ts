/**
 * Reads, in one call, what decides whether a user may have an access token: the grant, when grants
 * of the user ended for good, and the switch that freezes all users.
 *
 * The switch, which also says when the table was restored from a backup, is an item in the table of
 * grants under a key that no `sub` can have (OIDC Core 2: a `sub` is ASCII). Each instance reads it
 * along with a grant, at most once in {@link MAX_AGE_MS}: it costs no call of its own, and its
 * partition is not read by every request.
 */
import { BatchGetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import { UnavailableError } from "../errors";
import type { EpochMs } from "../model";
import type { Clock } from "../ports/runtime";
import type { IssuanceReader } from "../ports/stores";
import { endedKey, SWITCH_KEY } from "./control-keys";
import type { TableOptions } from "./dynamodb";
import { toEndedAt } from "./ended-marks";
import { toGrant } from "./grant-item";
import { itemTime, toItemTime } from "./item-time";
import { readWhole } from "./schema-version";
import { rethrow } from "./store-errors";

const MAX_AGE_MS = 5_000;
const restoredAtSchema = v.optional(itemTime);

type Item = Readonly<Record<string, unknown>> | undefined;

/** @throws UnavailableError (also `unknown_schema_version`), InternalError */
export function createIssuanceReader(
  options: TableOptions & { readonly clock: Clock },
): IssuanceReader {
  const { clock } = options;
  let kept: (Switch & { readonly readAt: EpochMs }) | undefined;

  return {
    read: async (sub) => {
      const now = clock.now();
      const isDue = kept === undefined || now - kept.readAt >= MAX_AGE_MS;
      const keys = isDue ? [sub, endedKey(sub), SWITCH_KEY] : [sub, endedKey(sub)];
      const itemOf = await readTogether(options, keys).catch(rethrow);
      if (kept === undefined || isDue) {
        kept = { ...toSwitch(itemOf(SWITCH_KEY)), readAt: now };
      }
      const item = itemOf(sub);
      return {
        grant: item === undefined ? undefined : toGrant(item),
        endedAt: toEndedAt(itemOf(endedKey(sub))),
        isFrozen: kept.isFrozen,
        restoredAt: kept.restoredAt,
      };
    },
  };
}

interface Switch {
  readonly isFrozen: boolean;
  readonly restoredAt: EpochMs | undefined;
}

/** @throws UnavailableError `unknown_schema_version` */
function toSwitch(item: Item): Switch {
  return {
    isFrozen: item?.["frozenAt"] !== undefined,
    restoredAt: readWhole(restoredAtSchema, item?.["restoredAt"]),
  };
}

async function readTogether(
  { table, client }: TableOptions,
  keys: readonly string[],
): Promise<(key: string) => Item> {
  const Keys = keys.map((sub) => ({ sub }));
  const { Responses, UnprocessedKeys } = await client.send(
    new BatchGetCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
  );
  // A throttled key is missing from the response, and must not count as absent.
  if (Object.keys(UnprocessedKeys ?? {}).length > 0) {
    throw new UnavailableError("store_unavailable");
  }
  const items = Responses?.[table] ?? [];
  return (key) => items.find((item) => item["sub"] === key);
}

/** Only the operator calls this. */
export async function setIssuanceFrozen(
  options: TableOptions,
  frozenAt: EpochMs | undefined,
): Promise<void> {
  await setSwitch(options, "frozenAt", frozenAt);
}

/**
 * Only the operator calls this. Tokens that a rotating provider issued after the backup are lost.
 */
export async function setRestored(options: TableOptions, at: EpochMs): Promise<void> {
  await setSwitch(options, "restoredAt", at);
}

async function setSwitch(
  { table, client }: TableOptions,
  name: "frozenAt" | "restoredAt",
  at: EpochMs | undefined,
): Promise<void> {
  await client
    .send(
      new UpdateCommand({
        TableName: table,
        Key: { sub: SWITCH_KEY },
        UpdateExpression: at === undefined ? "REMOVE #at" : "SET #at = :at",
        ExpressionAttributeNames: { "#at": name },
        ...(at !== undefined && { ExpressionAttributeValues: { ":at": toItemTime(at) } }),
      }),
    )
    .catch(rethrow);
}
