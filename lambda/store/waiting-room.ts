/**
 * Who waits for a lease, as a list beside the grant: `waiting: { owner, callers: { id: true } }`,
 * which counts for the lease of that owner alone, so that a new lease begins at none. Each call has
 * an id of its own, so that one whose answer was lost takes one place (S50). No part of the
 * compare-and-set, whose writes leave it as it is: nothing that a holder does can fail for it.
 */
import { randomUUID } from "node:crypto";
import { UpdateCommand, type UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import type { WaitingRoom } from "../ports/stores";
import type { TableOptions } from "./dynamodb";
import { succeeds } from "./succeeds";

type Expression = Pick<
  UpdateCommandInput,
  | "UpdateExpression"
  | "ConditionExpression"
  | "ExpressionAttributeNames"
  | "ExpressionAttributeValues"
>;

/**
 * One write: the first caller begins the count, others add to it. Two where several come first at
 * once.
 */
export function createWaitingRoom({ table, client }: TableOptions): WaitingRoom {
  async function isWritten(sub: string, expression: Expression): Promise<boolean> {
    const command = new UpdateCommand({ TableName: table, Key: { sub }, ...expression });
    return await succeeds(client.send(command));
  }

  return {
    enter: async ({ sub, lease: { owner }, waiting }, max) => {
      const isFirst = waiting?.owner !== owner;
      const id = randomUUID();
      return (
        (isFirst && (await isWritten(sub, beginning(owner, id)))) ||
        (await isWritten(sub, joining(owner, id, max)))
      );
    },
  };
}

function beginning(owner: string, id: string): Expression {
  return {
    UpdateExpression: "SET #waiting = :first",
    ConditionExpression: "#lease.#owner = :owner AND NOT #waiting.#owner = :owner",
    ExpressionAttributeNames: { "#lease": "lease", "#owner": "owner", "#waiting": "waiting" },
    ExpressionAttributeValues: { ":owner": owner, ":first": { owner, callers: { [id]: true } } },
  };
}

function joining(owner: string, id: string, max: number): Expression {
  return {
    UpdateExpression: "SET #waiting.#callers.#id = :here",
    ConditionExpression: [
      "#lease.#owner = :owner AND #waiting.#owner = :owner",
      "(size(#waiting.#callers) < :max OR attribute_exists(#waiting.#callers.#id))",
    ].join(" AND "),
    ExpressionAttributeNames: {
      "#lease": "lease",
      "#owner": "owner",
      "#waiting": "waiting",
      "#callers": "callers",
      "#id": id,
    },
    ExpressionAttributeValues: { ":owner": owner, ":here": true, ":max": max },
  };
}
