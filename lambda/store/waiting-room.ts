/**
 * Who waits for a lease, as a number beside the grant: `waiting: { owner, count }`, which counts for the lease of that owner alone, so that a new
 * lease begins at none. No part of the compare-and-set, whose writes leave it as it is: nothing that a holder does can fail for it.
 */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand, type UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import type { WaitingRoom } from "../ports";
import type { GrantStoreOptions } from "./grant-store";
import { rethrow } from "./store-errors";

type Expression = Pick<
  UpdateCommandInput,
  | "UpdateExpression"
  | "ConditionExpression"
  | "ExpressionAttributeNames"
  | "ExpressionAttributeValues"
>;

/** One write: the first caller begins the count, others add to it. Two where several come first at once. */
export function createWaitingRoom({ table, client }: GrantStoreOptions): WaitingRoom {
  async function isWritten(sub: string, expression: Expression): Promise<boolean> {
    try {
      await client.send(new UpdateCommand({ TableName: table, Key: { sub }, ...expression }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return false;
      }
      throw error;
    }
  }

  return {
    enter: async ({ sub, lease: { owner }, waiting }, max) => {
      try {
        const isFirst = waiting?.owner !== owner;
        return (
          (isFirst && (await isWritten(sub, beginning(owner)))) ||
          (await isWritten(sub, joining(owner, max)))
        );
      } catch (error) {
        return rethrow(error);
      }
    },
  };
}

function beginning(owner: string): Expression {
  return {
    UpdateExpression: "SET #waiting = :first",
    ConditionExpression: "#lease.#owner = :owner AND NOT #waiting.#owner = :owner",
    ExpressionAttributeNames: { "#lease": "lease", "#owner": "owner", "#waiting": "waiting" },
    ExpressionAttributeValues: { ":owner": owner, ":first": { owner, count: 1 } },
  };
}

function joining(owner: string, max: number): Expression {
  return {
    UpdateExpression: "SET #waiting.#count = #waiting.#count + :one",
    ConditionExpression:
      "#lease.#owner = :owner AND #waiting.#owner = :owner AND #waiting.#count < :max",
    ExpressionAttributeNames: {
      ...{ "#lease": "lease", "#owner": "owner" },
      ...{ "#waiting": "waiting", "#count": "count" },
    },
    ExpressionAttributeValues: { ":owner": owner, ":one": 1, ":max": max },
  };
}
