/**
 * Callers who wait for a lease, in the grant's item: `waiting: { owner, callers: { id: true } }`.
 * It counts for the lease of that owner only, so a new lease starts at none. Each call has its own
 * id, so that a call whose answer was lost takes one place (S50). The compare-and-set does not
 * include it: no write of a lease holder can fail because of it.
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

/** One write; two where several callers come first at the same time. */
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
