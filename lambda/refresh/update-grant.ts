/** The one compare-and-set loop of those who change a grant and do not refresh it. */
import { UnavailableError } from "../errors";
import type { Grant } from "../grant/grant";
import type { GrantStore } from "../ports/stores";

/** A holder writes at most twice per refresh, so more conflicts than this are no accident. */
const MAX_WRITES = 8;

/**
 * The row to write instead of `grant`; `grant` itself, or none: nothing is left to do.
 * @param isOwnWrite `grant` is what this loop wrote last
 */
export type Decide<G extends Grant | undefined> = (
  grant: Grant | undefined,
  isOwnWrite: boolean,
) => G | Promise<G>;

/**
 * Reads the row and writes what `decide` makes of it, on the condition that the row is still the
 * same; begins again with the row as it is then, until nothing is left to do. So a change of two
 * steps (revoke, then delete) is one `decide` that says which step comes next, and a call that
 * broke off is finished by the same call.
 *
 * @example
 * await updateGrant(grants, sub, (grant) =>
 *   grant?.frozenAt === undefined ? grant : unfreeze(grant, stamp),
 * );
 *
 * @param found the row, where the caller has just read it; that of `sub` is not asked for then
 * @returns the row as it is in the end
 * @throws UnavailableError `store_conflict`, and what the store and `decide` throw
 */
export async function updateGrant<G extends Grant | undefined>(
  grants: GrantStore,
  sub: string,
  decide: Decide<G>,
  found?: { readonly grant: Grant | undefined },
): Promise<G> {
  let grant = found === undefined ? await grants.read(sub) : found.grant;
  let isOwnWrite = false;
  for (let writes = 0; ; writes += 1) {
    const next = await decide(grant, isOwnWrite);
    if (next === undefined || next === grant) {
      return next;
    }
    if (writes === MAX_WRITES) {
      throw new UnavailableError("store_conflict");
    }
    const result = await grants.write(next, next.revision);
    isOwnWrite = result.written;
    grant = result.written ? result.grant : result.current;
  }
}
