import { UnavailableError } from "../../lambda/errors";
import type { Grant } from "../../lambda/grant/grant";
import type { GrantMover, GrantStore, WaitingRoom } from "../../lambda/ports";
import { GRANT_LASTING, type LastingAttribute } from "../../lambda/store/written-attributes";

/** By itself the operator's, who may change everything. */
export interface InMemoryGrantStore extends GrantStore, WaitingRoom {
  /** The same items for a writer that may change no other of the lasting members than these. */
  as(lasting: readonly LastingAttribute[]): GrantStore;
  readonly mover: GrantMover;
}

/**
 * What DynamoDB promises of one item, and nothing more: strong reads, compare-and-set on
 * `revision`, and a count beside it.
 */
export function createInMemoryGrantStore(): InMemoryGrantStore {
  const items = new Map<string, Grant>();
  /** Those that a move works at: the revision that each is at. */
  const locked = new Map<string, number>();

  async function readable(sub: string): Promise<Grant | undefined> {
    if (locked.has(sub)) {
      throw new UnavailableError("unknown_schema_version");
    }
    return await Promise.resolve(copy(items.get(sub)));
  }

  const as = (lasting: readonly LastingAttribute[]): GrantStore => ({
    read: readable,
    write: async (next, expected) => {
      const current = items.get(next.sub);
      if ((current?.revision ?? 0) !== expected || locked.has(next.sub)) {
        return { written: false, current: await readable(next.sub) };
      }
      const { waiting } = current ?? {};
      const grant = structuredClone({
        ...next,
        revision: expected + 1,
        ...(waiting && { waiting }),
      });
      items.set(next.sub, { ...grant, ...kept(current, lasting) });
      return { written: true, grant: structuredClone(grant) };
    },
  });
  return {
    ...as(GRANT_LASTING),
    as,
    mover: createMover(items, locked),
    enter: ({ sub, lease: { owner } }, max) => {
      const current = items.get(sub);
      const count = current?.waiting?.owner === owner ? current.waiting.count : 0;
      if (locked.has(sub) || current?.lease?.owner !== owner || count >= max) {
        return Promise.resolve(false);
      }
      items.set(sub, { ...current, waiting: { owner, count: count + 1 } });
      return Promise.resolve(true);
    },
  };
}

function createMover(items: Map<string, Grant>, locked: Map<string, number>): GrantMover {
  return {
    find: (sub) => {
      const grant = copy(items.get(sub));
      const revision = locked.get(sub) ?? grant?.revision ?? 0;
      return Promise.resolve({ grant, isLocked: locked.has(sub), revision });
    },
    lock: (sub, expected) => {
      const current = items.get(sub);
      if (locked.has(sub) || (current?.revision ?? 0) !== expected) {
        return Promise.resolve(false);
      }
      locked.set(sub, expected + 1);
      if (current !== undefined) {
        items.set(sub, { ...current, revision: expected + 1 });
      }
      return Promise.resolve(true);
    },
    unlock: (sub) => {
      locked.delete(sub);
      return Promise.resolve();
    },
    put: (next, expected) => {
      const { sub } = next;
      const isAsSeen = !locked.has(sub) && (items.get(sub)?.revision ?? 0) === expected;
      if (isAsSeen) {
        const { waiting } = items.get(sub) ?? {};
        items.set(sub, structuredClone({ ...next, waiting }));
      }
      return Promise.resolve(isAsSeen);
    },
    leave: (next) => {
      if (locked.delete(next.sub)) {
        items.set(next.sub, structuredClone(next));
      }
      return Promise.resolve();
    },
  };
}

/** What a write of somebody else's leaves as it is, absent or not. */
function kept(
  current: Grant | undefined,
  lasting: readonly LastingAttribute[],
): Pick<Grant, LastingAttribute> {
  const names = GRANT_LASTING.filter((name) => !lasting.includes(name));
  return Object.fromEntries(names.map((name) => [name, current?.[name]]));
}

function copy(grant: Grant | undefined): Grant | undefined {
  return grant === undefined ? undefined : structuredClone(grant);
}
