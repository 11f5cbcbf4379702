/** What may happen although no caller does anything: time passes, the queue brings something, the grace time ends. */
import type { EpochMs } from "../../lambda/model";
import type { Choice } from "./choice";
import { FUNCTION_MS } from "./programs";
import type { Setting } from "./setting";
import { holderOf, isRelevant, type State } from "./state";

/** How far ahead of the end of a lease others may come and begin to wait for it. */
const AHEAD_MS = 2_000;
/** As recover.ts has it. */
const MAX_LEASE_WAIT_MS = 3_000;
/**
 * A spilled successor is in its row five seconds after it was sent, unless whoever took it from the queue crashes or the store fails it: the two between
 * its sender's deadline and the end of the lease, and the three that a take-over waits. No stall of three seconds at both ends is explored.
 */
const DELIVERY_MS = 3_000;
const PLACING_MS = 2_000;

export function worldChoices(setting: Setting, state: State): Choice[] {
  return [...timeChoices(state), ...deliveries(state), ...closings(setting, state)];
}

/** Nobody acts after the platform has ended it (A1): until others have ended, the clock does not pass their deadline. */
export function othersDeadline({ callers, queue }: State, index: number): EpochMs {
  return Math.min(
    ...queue.map(({ task, due }) => (task.kind === "spill" ? due + DELIVERY_MS : Infinity)),
    ...callers.map(({ status, deadline, message }, other) => {
      const isBearer = message?.task.kind === "spill";
      const limit = isBearer ? deadline - FUNCTION_MS + PLACING_MS : deadline;
      return status === "live" && other !== index ? limit : Infinity;
    }),
  );
}

/** Time passes by itself only to where something changes by it, and only while there is somebody to notice. */
function timeChoices(state: State): Choice[] {
  const { row, now, callers } = state;
  const isAwaited = callers.some(({ status }) => status === "idle");
  const isPolled = callers.some(({ place }) => place?.pending.request?.kind === "sleep");
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
  // Whoever has taken something from the queue is not so slow that the next item comes due meanwhile.
  const isAtWork = callers.some(
    ({ status, message }) => status === "live" && message !== undefined,
  );
  for (const message of isAtWork ? [] : state.queue) {
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

/** In any order. A watch that would be sent back because the lease has longer to go than its bearer waits only reads the row: it comes when it need not. */
function deliveries({ queue, now, row, lossesLeft }: State): Choice[] {
  const rest = Math.max(row?.lease?.expiresAt ?? 0, row?.cooldown?.until ?? 0) - now;
  return queue.flatMap(({ due, task }, message): Choice[] => {
    if (due > now || (task.kind === "watch" && rest > MAX_LEASE_WAIT_MS)) {
      return [];
    }
    const choice = (isTwice: boolean): Choice => ({ kind: "deliver", message, isTwice });
    const isDoubled = task.kind === "spill" && lossesLeft > 0;
    return [choice(false), ...(isDoubled ? [choice(true)] : [])];
  });
}

/**
 * The grace time ends. A lease, the way of its watchdog through the queue, one exchange and the clocks' error fit into it; so it does not end while a holder
 * lives or an item that watches over its lease is on its way or at work, and may end at any other moment.
 */
function closings({ rules, configuration }: Setting, state: State): Choice[] {
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
