/** Who did what with a grant, and when. Bounded: what anybody repeats replaces what they did before. */
import type { EpochMs, Grant, HistoryEntry, HistoryOutcome } from "../model";

/** Who did something, when; `by` is a route key or a service principal. */
export interface Stamp {
  readonly at: EpochMs;
  readonly by: string;
}

export const HISTORY_LENGTH = 20;

/** Of each caller and outcome the newest entry is kept, so that nothing which is done over and over crowds out anything else. */
export function appended(
  grant: Grant | undefined,
  outcome: HistoryOutcome,
  stamp: Stamp,
): Grant["history"] {
  const others = (grant?.history ?? []).filter(
    (entry) => entry.by !== stamp.by || entry.outcome !== outcome,
  );
  return shortened([...others, { ...stamp, outcome }]);
}

/** Of two grants that become one: in the order of time, and bounded as any other. */
export function mergedHistory(one: Grant | undefined, other: Grant | undefined): Grant["history"] {
  const entries = [...(one?.history ?? []), ...(other?.history ?? [])].sort((a, b) => a.at - b.at);
  const isNewest = (entry: HistoryEntry, at: number) =>
    !entries.some((e, later) => later > at && e.by === entry.by && e.outcome === entry.outcome);
  return shortened(entries.filter(isNewest));
}

/**
 * Callers are many where the stage lists many roles: the oldest entry of the outcome that has most of them goes. An outcome with one entry or two never
 * loses one: twenty-one entries of ten outcomes leave some other with three.
 */
function shortened(history: Grant["history"]): Grant["history"] {
  if (history.length <= HISTORY_LENGTH) {
    return history;
  }
  const countOf = (outcome: HistoryOutcome) =>
    history.filter((entry) => entry.outcome === outcome).length;
  const most = Math.max(...history.map(({ outcome }) => countOf(outcome)));
  const oldest = history.findIndex(({ outcome }) => countOf(outcome) === most);
  return shortened(history.toSpliced(oldest, 1));
}

/** A kept access token was handed out. */
export function noteServed(grant: Grant, stamp: Stamp): Grant {
  return { ...grant, history: appended(grant, "served", stamp) };
}

/** How old the last entry of a caller may become before handing out a kept token is noted again. */
export const NOTE_AFTER_MS = 5 * 60_000;

export function isNoted(grant: Grant, { at, by }: Stamp): boolean {
  return grant.history.some(
    (entry) =>
      entry.by === by &&
      (entry.outcome === "served" || entry.outcome === "exchanged") &&
      at - entry.at < NOTE_AFTER_MS,
  );
}
