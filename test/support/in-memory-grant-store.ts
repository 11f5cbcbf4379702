import type { Grant } from "../../lambda/model";
import type { GrantStore } from "../../lambda/ports";

/** What DynamoDB promises of one item, and nothing more: strong reads and compare-and-set on `revision`. */
export function createInMemoryGrantStore(): GrantStore {
  const items = new Map<string, Grant>();

  return {
    read: (sub) => Promise.resolve(copy(items.get(sub))),
    write: (next, expected) => {
      const current = items.get(next.sub);
      if ((current?.revision ?? 0) !== expected) {
        return Promise.resolve({ written: false, current: copy(current) });
      }
      const grant = structuredClone({ ...next, revision: expected + 1 });
      items.set(next.sub, grant);
      return Promise.resolve({ written: true, grant: structuredClone(grant) });
    },
  };
}

function copy(grant: Grant | undefined): Grant | undefined {
  return grant === undefined ? undefined : structuredClone(grant);
}
