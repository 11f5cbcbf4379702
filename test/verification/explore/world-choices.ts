/** Events that no caller causes: time passes, the queue delivers, the grace time ends. */
import type { EpochMs } from "../../../lambda/model";
import type { Choice } from "./choice";
import type { Scenario } from "./scenario";
import { holderOf, isItsTurn, isRelevant, type Message, type State } from "./state";

/** How long before the end of a lease other callers may come and wait for it. */
const AHEAD_MS = 2_000;
/** As in recover.ts. */
const MAX_LEASE_WAIT_MS = 3_000;

export function worldChoices(scenario: Scenario, state: State): Choice[] {
  return [...timeChoices(state), ...deliveries(scenario, state), ...closings(scenario, state)];
}

/**
 * No caller faults after the platform has ended it (A1): the clock does not pass the deadline of a
 * live caller.
 */
export function othersDeadline({ callers }: State, index: number): EpochMs {
  return Math.min(
    ...callers.map(({ status, deadline }, other) =>
      status === "live" && other !== index ? deadline : Infinity,
    ),
  );
}

/** Time passes only to where it changes something, and only while a caller would notice. */
function timeChoices(state: State): Choice[] {
  const { row, now, callers } = state;
  const isAwaited = callers.some(({ status }) => status === "idle");
  const isPolled = callers.some(
    ({ processState }) => processState?.pending.request?.kind === "sleep",
  );
  const isQueued = state.queue.length > 0;
  if (!isAwaited && !isPolled && !isQueued) {
    return [];
  }
  const limit = othersDeadline(state, -1);
  const lapse = row?.lease?.expiresAt ?? 0;
  const targets: [EpochMs, string][] = [
    [lapse, "the lease runs out"],
    [row?.cooldown?.until ?? 0, "the cooldown ends"],
  ];
  // A consumer that refreshes is never so slow that the next item comes due meanwhile, since that
  // could go on without end. The consumer of a spilled successor may be.
  const isExchanging = callers.some(
    ({ status, message }) =>
      status === "live" && message !== undefined && message.task.kind !== "spill",
  );
  for (const message of isExchanging ? [] : state.queue) {
    targets.push([message.due, "an item of the queue is due"]);
  }
  if (isAwaited) {
    targets.push([lapse - AHEAD_MS, "the lease has two seconds left"]);
  }
  return targets
    .filter(
      ([to], at) => to > now && to < limit && targets.findIndex(([other]) => other === to) === at,
    )
    .map(([to, why]) => ({ kind: "time", to, why }));
}

/**
 * Items come at any moment and in any order, save the ordered ones. An item that would be sent back
 * because the lease lasts longer than its consumer waits only reads the row: it comes later.
 */
function deliveries({ rules }: Scenario, state: State): Choice[] {
  const { queue, now, lossesLeft } = state;
  return queue.flatMap((item, message): Choice[] => {
    const isFirst = rules.isUnordered === true || isItsTurn(state, item);
    if (!isFirst || comesAt(state, item) > now) {
      return [];
    }
    const choice = (isTwice: boolean): Choice => ({ kind: "deliver", message, isTwice });
    const isDoubled = lossesLeft > 0;
    return [choice(false), ...(isDoubled ? [choice(true)] : [])];
  });
}

/** The time from which its consumer does not send it back. */
export function comesAt({ row }: State, { task, due }: Message): EpochMs {
  const rested = Math.max(row?.lease?.expiresAt ?? 0, row?.cooldown?.until ?? 0);
  const isAwaiting =
    task.kind === "watch" || (task.kind === "take-over" && task.owner === row?.lease?.owner);
  return isAwaiting ? Math.max(due, rested - MAX_LEASE_WAIT_MS) : due;
}

/**
 * The grace time ends. It is longer than a lease, the watchdog's way through the queue, one refresh
 * and the clocks' error together. So it does not end while a holder lives or an item that watches
 * over its lease is queued or in work, and may end at any other moment.
 */
function closings({ rules, configuration }: Scenario, state: State): Choice[] {
  if (configuration.rotation !== "grace" || rules.isGraceEndless === true) {
    return [];
  }
  return state.provider.families.flatMap((family, index): Choice[] =>
    family.isGraced && !isWatched(state, index) ? [{ kind: "close", family: index }] : [],
  );
}

function isWatched(state: State, family: number): boolean {
  const { row, queue, callers } = state;
  const isLeased = row?.lease !== undefined && familyOfRow(state) === family;
  const isComing = queue.some((message) => isRelevant(message, row));
  const isThere = callers.some(({ status, message }) => status === "live" && message !== undefined);
  return isLeased && (isComing || isThere || holderOf(state)?.status === "live");
}

function familyOfRow({ row }: State): number {
  return row?.grantId === "g0" ? 0 : 1;
}
