/**
 * The journal of unfinished moves: one item for each of the two subjects, beside the grants, under
 * keys that no `sub` can have. Both items together are the move; the one of `from` is written first
 * and deleted last.
 */
import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import { UnavailableError } from "../errors";
import type { Move, MoveJournal } from "../ports/move";
import { moveKey } from "./control-keys";
import type { TableOptions } from "./dynamodb";
import { itemTime, toItemTime } from "./item-time";
import { readItem } from "./read-item";
import { readWhole } from "./schema-version";
import { succeeds } from "./succeeds";

const schema = v.object({
  from: v.string(),
  to: v.string(),
  id: v.string(),
  erasedAt: v.optional(itemTime),
  endedAt: v.optional(itemTime),
  fromEndedAt: v.optional(itemTime),
});

export function createMoveJournal(options: TableOptions): MoveJournal {
  const { table, client } = options;

  async function read(sub: string): Promise<Move | undefined> {
    return toMove(await readItem(options, moveKey(sub)));
  }

  /** @returns the move that the item holds now */
  async function put(sub: string, move: Move): Promise<Move> {
    const Item = { ...toItem(move), sub: moveKey(sub) };
    const isFirst = await succeeds(
      client.send(
        new PutCommand({
          TableName: table,
          Item,
          ConditionExpression: "attribute_not_exists(#sub)",
          ExpressionAttributeNames: { "#sub": "sub" },
        }),
      ),
    );
    if (isFirst) {
      return move;
    }
    const found = await read(sub);
    // It has ended in the meantime; also where this very move was journaled and the response lost.
    if (found === undefined) {
      throw new UnavailableError("store_conflict");
    }
    return found;
  }

  async function remove(sub: string, { id }: Move): Promise<void> {
    await succeeds(
      client.send(
        new DeleteCommand({
          TableName: table,
          Key: { sub: moveKey(sub) },
          ConditionExpression: "#id = :id",
          ExpressionAttributeNames: { "#id": "id" },
          ExpressionAttributeValues: { ":id": id },
        }),
      ),
    );
  }

  return {
    read,
    begin: async (move) => {
      const first = await put(move.from, move);
      if (!isOfSame(first, move)) {
        return first;
      }
      const second = await put(move.to, first);
      if (second.id !== first.id) {
        // Nothing was done yet: another move has the other subject.
        await remove(move.from, first);
      }
      if (isOfSame(second, move) && (await read(move.from))?.id === second.id) {
        return second;
      }
      if (isOfSame(second, move)) {
        // Left over where the same move began twice and one call gave way.
        await remove(move.to, second);
        throw new UnavailableError("store_conflict");
      }
      return second;
    },
    end: async (move) => {
      await remove(move.to, move);
      await remove(move.from, move);
    },
  };
}

function isOfSame(one: Move, other: Move): boolean {
  return one.from === other.from && one.to === other.to;
}

function toItem({ seen: { erasedAt, endedAt, fromEndedAt }, ...move }: Move) {
  return {
    ...move,
    ...(erasedAt !== undefined && { erasedAt: toItemTime(erasedAt) }),
    ...(endedAt !== undefined && { endedAt: toItemTime(endedAt) }),
    ...(fromEndedAt !== undefined && { fromEndedAt: toItemTime(fromEndedAt) }),
  };
}

/**
 * @throws UnavailableError `unknown_schema_version`: an unreadable move does not count as absent
 */
function toMove(item: Readonly<Record<string, unknown>> | undefined): Move | undefined {
  if (item === undefined) {
    return undefined;
  }
  const { erasedAt, endedAt, fromEndedAt, ...move } = readWhole(schema, item);
  return { ...move, seen: { erasedAt, endedAt, fromEndedAt } };
}
