/**
 * Where a spilled successor belongs whose grant was moved to another subject meanwhile (move-user.ts): under the new one, sealed
 * anew. Its `gen` stays what it was: that of the moved token did, too, and what was exchanged since has a higher one.
 */
import type { RecoveryTask, Issuance, IssuanceReader, Opener, Sealer } from "../ports";
import type { Successor } from "./grant-recovery";

export interface FollowDependencies {
  readonly issuance: IssuanceReader;
  readonly sealer: Sealer;
  readonly opener: Opener;
}

export interface Followed {
  readonly found: Issuance;
  readonly successor: Successor;
  /**
   * False where a grant ever left the row: what belongs to nobody may still be of the family of a token that lives on
   * elsewhere, and revoking it could end that.
   */
  readonly mayRevoke: boolean;
}

/** A subject may be moved again and again. */
const MAX_MOVES = 16;

/** @throws UnavailableError, also while a move is under way; InternalError */
export async function follow(
  { issuance, sealer, opener }: FollowDependencies,
  task: Extract<RecoveryTask, { readonly kind: "spill" }>,
): Promise<Followed> {
  const { sub, grantId, owner, refreshToken } = task;
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
  const { gen } = refreshToken;
  const purpose = "refresh_token";
  const [token, key] = await Promise.all([
    opener.open(refreshToken.ciphertext, { sub, grantId, gen, purpose }),
    sealer.newKey({ ...place, gen }),
  ]);
  const successor = {
    ...{ owner, grantId: place.grantId },
    refreshToken: { ciphertext: key.seal(token, purpose), gen },
  };
  return { found, successor, mayRevoke };
}
