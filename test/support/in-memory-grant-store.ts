import type { Grant } from "../../lambda/model";
import type { GrantStore, WaitingRoom } from "../../lambda/ports";
import { GRANT_LASTING, type LastingAttribute } from "../../lambda/store/written-attributes";

/** By itself the operator's, who may change everything. */
export interface InMemoryGrantStore extends GrantStore, WaitingRoom {
  /** The same items for a writer that may change no other of the lasting members than these. */
  as(lasting: readonly LastingAttribute[]): GrantStore;
}

/**
 * What DynamoDB promises of one item, and nothing more: strong reads, compare-and-set on `revision`, and a count beside it.
 */
export function createInMemoryGrantStore(): InMemoryGrantStore {
  const items = new Map<string, Grant>();

  const as = (lasting: readonly LastingAttribute[]): GrantStore => ({
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
      items.set(next.sub, { ...grant, ...kept(current, lasting) });
      return Promise.resolve({ written: true, grant: structuredClone(grant) });
    },
  });
  return {
    ...as(GRANT_LASTING),
    as,
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

/** What a write of somebody else's leaves as it is, absent or not. */
function kept(current: Grant | undefined, lasting: readonly LastingAttribute[]): Partial<Grant> {
  const names = GRANT_LASTING.filter((name) => !lasting.includes(name));
  return Object.fromEntries(names.map((name) => [name, current?.[name]]));
}

function copy(grant: Grant | undefined): Grant | undefined {
  return grant === undefined ? undefined : structuredClone(grant);
}
