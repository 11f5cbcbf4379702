/**
 * When grants of a user ended for good: an item of its own in the table of grants, beside the grant's, so that an old item
 * which comes back does not bring its grant back.
 */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import { UnavailableError } from "../errors";
import type { EpochMs } from "../model";
import type { EndedMarks } from "../ports";
import { endedKey } from "./control-keys";
import type { GrantStoreOptions } from "./grant-store";
import { itemTime, toItemTime } from "./item-time";
import { rethrow, storeError } from "./store-errors";

const endedAtSchema = v.optional(itemTime);

export function createEndedMarks({ table, client }: GrantStoreOptions): EndedMarks {
  return {
    read: async (sub) => {
      const { Item } = await client
        .send(
          new GetCommand({ TableName: table, Key: { sub: endedKey(sub) }, ConsistentRead: true }),
        )
        .catch(rethrow);
      return toEndedAt(Item);
    },
    raise: async (sub, at) => {
      await client.send(raiseCommand(table, sub, at)).catch((error: unknown) => {
        // As late already, or later: our own write, too, where its answer was lost.
        if (!(error instanceof ConditionalCheckFailedException)) {
          throw storeError(error);
        }
      });
    },
  };
}

/** @throws UnavailableError `unknown_schema_version`: what cannot be read is not taken for absent */
export function toEndedAt(
  item: Readonly<Record<string, unknown>> | undefined,
): EpochMs | undefined {
  if (item === undefined) {
    return undefined;
  }
  const result = v.safeParse(endedAtSchema, item["endedAt"]);
  if (!result.success) {
    throw new UnavailableError("unknown_schema_version");
  }
  return result.output;
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
