import type { EndedMarks } from "../../lambda/ports/stores";

/** What DynamoDB promises of one item under a condition: the mark only rises. */
export function createInMemoryEndedMarks(): EndedMarks {
  const items = new Map<string, number>();

  return {
    read: (sub) => Promise.resolve(items.get(sub)),
    raise: (sub, at) => {
      items.set(sub, Math.max(at, items.get(sub) ?? -Infinity));
      return Promise.resolve();
    },
  };
}
