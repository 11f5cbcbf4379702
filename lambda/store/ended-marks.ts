/**
 * When grants of a user ended for good: an item of its own in the table of grants, beside the
 * grant's, so that an old item which comes back does not bring its grant back.
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
      // Else it is as late already, or later: our own write, too, where its answer was lost.
      await succeeds(client.send(raiseCommand(table, sub, at)));
    },
  };
}

/**
 * @throws UnavailableError `unknown_schema_version`: what cannot be read is not taken for absent
 */
export function toEndedAt(
  item: Readonly<Record<string, unknown>> | undefined,
): EpochMs | undefined {
  return readWhole(endedAtSchema, item?.["endedAt"]);
}

/** Times of one spelling compare as text. */
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
