import type { Grant } from "../../lambda/model";
import type { GrantStore, WaitingRoom } from "../../lambda/ports";

/** What DynamoDB promises of one item, and nothing more: strong reads, compare-and-set on `revision`, and a count beside it. */
export function createInMemoryGrantStore(): GrantStore & WaitingRoom {
  const items = new Map<string, Grant>();

  return {
    read: (sub) => Promise.resolve(copy(items.get(sub))),
    write: (next, expected) => {
      const current = items.get(next.sub);
      if ((current?.revision ?? 0) !== expected) {
        return Promise.resolve({ written: false, current: copy(current) });
      }
      const { waiting } = current ?? {};
      const grant = structuredClone({
        ...next,
        revision: expected + 1,
        ...(waiting && { waiting }),
      });
      items.set(next.sub, grant);
      return Promise.resolve({ written: true, grant: structuredClone(grant) });
    },
    enter: ({ sub, lease: { owner } }, max) => {
      const current = items.get(sub);
      const count = current?.waiting?.owner === owner ? current.waiting.count : 0;
      if (current?.lease?.owner !== owner || count >= max) {
        return Promise.resolve(false);
      }
      items.set(sub, { ...current, waiting: { owner, count: count + 1 } });
      return Promise.resolve(true);
    },
  };
}

function copy(grant: Grant | undefined): Grant | undefined {
  return grant === undefined ? undefined : structuredClone(grant);
}
