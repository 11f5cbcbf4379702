/**
 * When grants of a user ended for good. An item of its own beside the grant's, so that restoring an
 * older grant item does not revive the grant.
 */
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import type { EpochMs } from "../model";
import type { EndedMarks } from "../ports/stores";
import { endedKey } from "./control-keys";
import type { TableOptions } from "./dynamodb";
import { itemTime, toItemTime } from "./item-time";
import { readItem } from "./read-item";
import { readWhole } from "./schema-version";
import { succeeds } from "./succeeds";

const endedAtSchema = v.optional(itemTime);

export function createEndedMarks(options: TableOptions): EndedMarks {
  const { table, client } = options;

  return {
    read: async (sub) => toEndedAt(await readItem(options, endedKey(sub))),
    raise: async (sub, at) => {
      // Otherwise the mark is as late already; also where this very write was applied and its
      // response lost.
      await succeeds(client.send(raiseCommand(table, sub, at)));
    },
  };
}

/**
 * @throws UnavailableError `unknown_schema_version`: an unreadable mark does not count as absent
 */
export function toEndedAt(
  item: Readonly<Record<string, unknown>> | undefined,
): EpochMs | undefined {
  return readWhole(endedAtSchema, item?.["endedAt"]);
}

/** RFC 3339 times in UTC with milliseconds compare as text. */
function raiseCommand(table: string, sub: string, at: EpochMs): UpdateCommand {
  return new UpdateCommand({
    TableName: table,
    Key: { sub: endedKey(sub) },
    ConditionExpression: "attribute_not_exists(#endedAt) OR #endedAt < :at",
    UpdateExpression: "SET #endedAt = :at",
    ExpressionAttributeNames: { "#endedAt": "endedAt" },
    ExpressionAttributeValues: { ":at": toItemTime(at) },
  });
}
