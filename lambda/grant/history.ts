/** Who did what with a grant, and when. Bounded: a repetition replaces the entry before. */
import type { EpochMs } from "../model";
import { type Scopes, without } from "../scopes";
import type { Actor, Grant, HistoryEntry, HistoryOutcome } from "./grant";

/** Who did something, when. */
export interface Stamp {
  readonly at: EpochMs;
  readonly by: Actor;
}

export const HISTORY_LENGTH = 20;

/** Of each actor and outcome the newest entry stays, so that no repetition crowds out the rest. */
export function appended(
  grant: Grant | undefined,
  outcome: HistoryOutcome,
  stamp: Stamp,
): Grant["history"] {
  return joined(grant?.history ?? [], { ...stamp, outcome });
}

function joined(history: Grant["history"], { by, outcome, ...rest }: HistoryEntry) {
  const others = history.filter((entry) => entry.by !== by || entry.outcome !== outcome);
  return shortened([...others, { ...rest, by, outcome }]);
}

/** The same for scopes that are no longer what they were; unchanged where they are. */
export function withScopes(
  { history }: Pick<Grant, "history">,
  { from, to }: { readonly from: Scopes; readonly to: Scopes },
  stamp: Stamp,
): Grant["history"] {
  const [gained, lost] = [without(to, from), without(from, to)];
  return gained.length + lost.length === 0
    ? history
    : joined(history, { ...stamp, outcome: "scope_changed", gained, lost });
}

/** Of two grants that become one: in the order of time, and bounded as any other history. */
export function mergedHistory(one: Grant | undefined, other: Grant | undefined): Grant["history"] {
  const entries = [...(one?.history ?? []), ...(other?.history ?? [])].sort((a, b) => a.at - b.at);
  const isNewest = (entry: HistoryEntry, at: number) =>
    !entries.some((e, later) => later > at && e.by === entry.by && e.outcome === entry.outcome);
  return shortened(entries.filter(isNewest));
}

/**
 * A stage may list many roles, and each is an actor: the oldest entry of the most frequent outcome
 * goes. An outcome with one or two entries never loses one: twenty-one entries of ten outcomes
 * leave another one with three.
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

/** Handing out the cached access token is noted again when the actor's last entry is this old. */
export const NOTE_AFTER_MS = 5 * 60_000;

export function isNoted(grant: Grant, { at, by }: Stamp): boolean {
  return grant.history.some(
    (entry) =>
      entry.by === by &&
      (entry.outcome === "served" || entry.outcome === "exchanged") &&
      at - entry.at < NOTE_AFTER_MS,
  );
}
