/**
 * Where a spilled successor belongs whose grant was moved to another subject meanwhile
 * (use-cases/move-user.ts): under the new one, sealed anew. Its `gen` stays what it was: that of
 * the moved token did, too, and a token that was refreshed since has a higher one.
 */
import type { Sealed } from "../grant/grant";
import type { Identity, Successor } from "../grant/transitions";
import type { Opener, Sealer } from "../ports/crypto";
import type { RecoveryTask } from "../ports/queues";
import type { Issuance, IssuanceReader } from "../ports/stores";

export interface FollowDependencies {
  readonly issuance: IssuanceReader;
  readonly sealer: Sealer;
  readonly opener: Opener;
}

export interface Followed {
  readonly found: Issuance;
  readonly successor: Successor;
  /**
   * False where a grant ever left the row: an orphaned successor may still be of the family of a
   * token that lives on under another subject, and revoking it could end that family.
   */
  readonly mayRevoke: boolean;
}

/** A refresh token, opened where it lies and sealed where it will lie, under the same `gen`. */
export async function resealed(
  { opener, sealer }: Pick<FollowDependencies, "opener" | "sealer">,
  { ciphertext, gen }: Sealed,
  { from, to }: { readonly from: Identity; readonly to: Identity },
): Promise<Sealed> {
  const purpose = "refresh_token";
  const [token, key] = await Promise.all([
    opener.open(ciphertext, { ...from, gen, purpose }),
    sealer.newKey({ ...to, gen }),
  ]);
  return { ciphertext: key.seal(token, purpose), gen };
}

/** A subject may be moved again and again. */
const MAX_MOVES = 16;

/** @throws UnavailableError, also while a move is under way; InternalError */
export async function follow(
  dependencies: FollowDependencies,
  task: Extract<RecoveryTask, { readonly kind: "spill" }>,
): Promise<Followed> {
  const { sub, grantId, owner, refreshToken } = task;
  const { issuance } = dependencies;
  let place = { sub, grantId };
  let found = await issuance.read(sub);
  const mayRevoke = found.grant?.movedTo === undefined;
  for (let moves = 0; moves < MAX_MOVES; moves += 1) {
    const movedTo = found.grant?.movedTo;
    if (movedTo?.was !== place.grantId) {
      break;
    }
    place = { sub: movedTo.sub, grantId: movedTo.id };
    found = await issuance.read(place.sub);
  }
  if (place.grantId === grantId || found.grant?.grantId !== place.grantId) {
    return { found, successor: { owner, grantId: place.grantId, refreshToken }, mayRevoke };
  }
  const places = { from: { sub, grantId }, to: place };
  const followed = await resealed(dependencies, refreshToken, places);
  return { found, successor: { owner, grantId: place.grantId, refreshToken: followed }, mayRevoke };
}
