import type { Move, MoveJournal } from "../../lambda/ports";

/**
 * What two items under conditions promise, as lambda/store/move-journal.ts puts them: one call is
 * not one step.
 */
export function createInMemoryMoveJournal(): MoveJournal {
  const items = new Map<string, Move>();

  function put(sub: string, move: Move): Promise<Move> {
    const found = items.get(sub) ?? move;
    items.set(sub, structuredClone(found));
    return Promise.resolve(structuredClone(found));
  }

  function remove(sub: string, { id }: Move): Promise<void> {
    if (items.get(sub)?.id === id) {
      items.delete(sub);
    }
    return Promise.resolve();
  }

  return {
    read: (sub) => Promise.resolve(structuredClone(items.get(sub))),
    begin: async (move) => {
      const first = await put(move.from, move);
      if (first.from !== move.from || first.to !== move.to) {
        return first;
      }
      const second = await put(move.to, first);
      if (second.id !== first.id) {
        await remove(move.from, first);
      }
      return second;
    },
    end: async (move) => {
      await remove(move.to, move);
      await remove(move.from, move);
    },
  };
}
