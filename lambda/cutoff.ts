/**
 * Whether an ID token or a session still counts after an erasure or a sign-out everywhere. The only
 * place that decides it.
 */
import { UnauthorizedError } from "./errors";
import type { Cutoff, Cutoffs, Evidence } from "./model";

/** Few are ever known: they matter for one second, and where a provider's clock is ahead. */
const MAX_HASHES = 8;

export function isOutdated({ at, tokenHash }: Evidence, cutoff: Cutoff | undefined): boolean {
  return (
    cutoff !== undefined &&
    (at <= cutoff.at || (tokenHash !== undefined && cutoff.tokenHashes.includes(tokenHash)))
  );
}

/** Why the evidence no longer counts; undefined where it does. */
export function outdatedBy(
  evidence: Evidence,
  { erasure, signedOut }: Cutoffs = {},
): "erased_user" | "signed_out" | undefined {
  if (isOutdated(evidence, erasure)) {
    return "erased_user";
  }
  return isOutdated(evidence, signedOut) ? "signed_out" : undefined;
}

/**
 * @param cutoffs a user's record, or their grant
 * @throws UnauthorizedError `erased_user` or `signed_out`
 */
export function assertCurrent(evidence: Evidence, cutoffs: Cutoffs | undefined): void {
  const reason = outdatedBy(evidence, cutoffs);
  if (reason !== undefined) {
    throw new UnauthorizedError(reason);
  }
}

/**
 * A cutoff for all evidence from before `now`, and for all that `earlier` covers.
 * @param known hashes of ID tokens, the newest first
 */
export function nextCutoff(
  now: number,
  known: readonly (string | undefined)[],
  earlier: Cutoffs,
): Cutoff {
  const before = [earlier.signedOut, earlier.erasure].filter((cutoff) => cutoff !== undefined);
  const hashes = [...known, ...before.flatMap(({ tokenHashes }) => tokenHashes)];
  return {
    // Never older than the one before, even if the clock was set back.
    at: Math.max(now, ...before.map(({ at }) => at + 1)),
    tokenHashes: [...new Set(hashes.filter((hash) => hash !== undefined))].slice(0, MAX_HASHES),
  };
}

export function latest(one: Cutoff | undefined, other: Cutoff | undefined): Cutoff | undefined {
  return one !== undefined && (other === undefined || one.at >= other.at) ? one : other;
}

/** Of each kind the later one. */
export function latestOf(one: Cutoffs = {}, other: Cutoffs = {}) {
  return {
    erasure: latest(one.erasure, other.erasure),
    signedOut: latest(one.signedOut, other.signedOut),
  };
}
