/**
 * Watches every write of a grant: an impossible transition is an error line, which is a metric with
 * an alarm of its own. It only watches. The write is made, and nothing is repaired: a check that
 * could refuse a write could lose the refresh token that the write brings (decision 0046).
 *
 * The row before is the one that this process has read or written last: a compare-and-set that went
 * through on its revision was made for that very row. So the check costs no request.
 */
import type { Grant } from "../grant/grant";
import { impossibleIn } from "../grant/impossible";
import type { Clock, Logger } from "../ports/runtime";
import type { GrantStore, IssuanceReader } from "../ports/stores";

export interface Watch {
  grants(store: GrantStore): GrantStore;
  issuance(reader: IssuanceReader): IssuanceReader;
}

/** More than one invocation has in hand. */
const MAX_ROWS = 32;

export function createWatch({
  clock,
  log,
}: {
  readonly clock: Clock;
  readonly log: Logger;
}): Watch {
  const rows = new Map<string, Grant | undefined>();

  function remember(sub: string, row: Grant | undefined): void {
    rows.delete(sub);
    rows.set(sub, row);
    const [oldest = sub] = rows.keys();
    if (rows.size > MAX_ROWS) {
      rows.delete(oldest);
    }
  }

  return {
    grants: (store) => ({
      read: async (sub) => {
        const row = await store.read(sub);
        remember(sub, row);
        return row;
      },
      write: async (next, expected) => {
        const at = clock.now();
        const before = rows.get(next.sub);
        const result = await store.write(next, expected);
        const isOfBefore = result.written && before?.revision === expected;
        const impossible = isOfBefore ? impossibleIn(before, next, at) : undefined;
        if (impossible !== undefined) {
          log.error("impossible_transition", { reason: impossible });
        }
        remember(next.sub, result.written ? result.grant : result.current);
        return result;
      },
    }),
    issuance: (reader) => ({
      read: async (sub) => {
        const seen = await reader.read(sub);
        remember(sub, seen.grant);
        return seen;
      },
    }),
  };
}
