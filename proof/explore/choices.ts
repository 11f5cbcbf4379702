/**
 * What may happen next. One port call is one step: it is applied and answered at once, and whoever is slow is slow before the next one. That loses
 * nothing: an answer under way changes nothing that others see, and its late arrival looks to them like a late next call. For the same reason:
 *  - the first call goes together with the start (nothing was seen or changed before it);
 *  - a crash at a call that changes nothing is one choice, not two; cipher and client secret are no steps at all (run.ts), so that K1 to K4 are the
 *    crash before the intent;
 *  - a request that is repeated by the SDK because it was lost is a late request;
 *  - a waiter that would find the row as it left it does not look: such a look changes only its pauses. It wakes when there is something to see,
 *    or three seconds late, which ends its waiting;
 *  - callers of the same role start in their order: before that, nothing tells them apart.
 */
import type { EpochMs } from "../../lambda/model";
import { FUNCTION_MS } from "./programs";
import { readToken } from "./provider";
import type { Request } from "./run";
import {
  holderOf,
  isRelevant,
  NOBODY,
  signatureOf,
  type Caller,
  type Configuration,
  type Setting,
  type State,
} from "./state";

export type Act =
  | "go"
  | "crash"
  | "go, then crash"
  | "request lost"
  | "answer lost"
  | "not sent"
  | "error"
  | "error, applied"
  | "outage"
  | "late";

export type Choice =
  | { readonly kind: "caller"; readonly caller: number; readonly act: Act; readonly to: EpochMs }
  | { readonly kind: "time"; readonly to: EpochMs; readonly why: string }
  /** Somebody takes an item from the queue. */
  | {
      readonly kind: "deliver";
      readonly message: number;
      readonly isTwice: boolean;
    }
  /** The provider takes the predecessor no longer. */
  | { readonly kind: "close"; readonly family: number };

/** What a caller that is late is late by; also how long each try takes that meets a store which is down. */
const LATE_MS = 3_000;
const DOWN_MS = 5_000;
/** How far ahead of the end of a lease others may come and begin to wait for it. */
const AHEAD_MS = 2_000;
/** As recover.ts has it. */
const MAX_LEASE_WAIT_MS = 3_000;
/** The queue brings a spilled successor within this time, and whoever took it is as quick again, unless it crashes or the store fails it. */
const DELIVERY_MS = 3_000;
/** `settle.ts` gives up with this much left, and a little. */
const LAST_TRY_MS = 520;

const FAULTS: readonly Act[] = [
  ...(["crash", "go, then crash", "request lost", "answer lost", "not sent"] as const),
  ...(["error", "error, applied", "outage"] as const),
];

export function isFault(choice: Choice): boolean {
  return choice.kind === "caller"
    ? FAULTS.includes(choice.act)
    : choice.kind === "deliver" && choice.isTwice;
}

export function choicesOf(setting: Setting, state: State): Choice[] {
  const choices: Choice[] = [];
  for (const [caller, { status }] of state.callers.entries()) {
    if (status === "live") {
      choices.push(...callerChoices(state, caller));
    } else if (status === "idle" && isNext(setting.configuration, state, caller)) {
      choices.push({ kind: "caller", caller, act: "go", to: state.now });
    }
  }
  choices.push(...timeChoices(state), ...deliveries(state), ...closings(setting, state));
  return choices;
}

function isNext({ roles }: Configuration, { callers }: State, caller: number): boolean {
  return !roles.some(
    (role, other) => other < caller && role === roles[caller] && callers[other]?.status === "idle",
  );
}

function callerChoices(state: State, index: number): Choice[] {
  const caller = state.callers[index];
  const request = caller?.place?.pending.request;
  if (caller === undefined || request === undefined) {
    return [];
  }
  const { now, crashesLeft, lossesLeft } = state;
  const choice = (act: Act, to = now): Choice => ({ kind: "caller", caller: index, act, to });
  const crash = crashesLeft > 0 ? [choice("crash")] : [];
  if (request.kind === "sleep") {
    return [...wakings(state, index, request.milliseconds), ...crash];
  }
  if (caller.isStoreDown && request.kind === "write") {
    return [...failings(state, index, caller).map((to) => choice("outage", to)), ...crash];
  }
  if (request.kind === "read" || request.kind === "find user") {
    return [choice("go"), ...crash];
  }
  const loss = lossesLeft > 0 && !caller.isAnswerLost;
  const acts: Act[] = ["go"];
  if (crashesLeft > 0) {
    acts.push("crash", "go, then crash");
  }
  if (loss && request.kind === "send") {
    acts.push("request lost", "answer lost", "not sent");
  }
  if (loss && (request.kind === "watch" || request.kind === "spill")) {
    acts.push("error");
  }
  if (loss && request.kind === "write") {
    acts.push(
      "error",
      ...(isApplied(state, request) ? (["answer lost", "error, applied"] as const) : []),
    );
  }
  const outages = loss && request.kind === "write" ? failings(state, index, caller) : [];
  return [...acts.map((act) => choice(act)), ...outages.map((to) => choice("outage", to))];
}

/** Where a write does not go through anyway, its answer may as well come late. */
function isApplied({ row }: State, request: Request & { kind: "write" }): boolean {
  return (row?.revision ?? 0) === request.expected;
}

/** Nobody acts after the platform has ended it (A1): until others have ended, the clock does not pass their deadline. */
function othersDeadline({ callers, queue }: State, index: number): EpochMs {
  return Math.min(
    ...queue.map(({ task, due }) => (task.kind === "spill" ? due + DELIVERY_MS : Infinity)),
    ...callers.map(({ status, deadline, message }, other) => {
      const isBearer = message?.task.kind === "spill";
      const limit = isBearer ? deadline - FUNCTION_MS + DELIVERY_MS : deadline;
      return status === "live" && other !== index ? limit : Infinity;
    }),
  );
}

/** Whoever sleeps for longer than that does not poll, but knows what for. */
const LONGEST_POLL_MS = 400;

function wakings(state: State, index: number, milliseconds: number): Choice[] {
  const { now, row, callers } = state;
  const caller = callers[index] ?? NOBODY;
  const onTime = Math.max(now, caller.wakesAt);
  const limit = othersDeadline(state, index);
  if (onTime >= limit) {
    return [];
  }
  const choice = (act: Act, to: EpochMs): Choice => ({ kind: "caller", caller: index, act, to });
  if (caller.seen === undefined || milliseconds > LONGEST_POLL_MS) {
    return [choice("go", onTime)];
  }
  const late = Math.min(onTime + LATE_MS, limit - 1, Math.max(onTime, caller.deadline - 1_000));
  const hasWaited = late >= caller.deadline - 15_000 + LATE_MS;
  return [
    ...(caller.seen === signatureOf(row, onTime) ? [] : [choice("go", onTime)]),
    ...(late > now || hasWaited ? [choice("late", late)] : []),
  ];
}

function failings(state: State, index: number, { deadline }: Caller): EpochMs[] {
  const to = Math.max(state.now, Math.min(state.now + DOWN_MS, deadline - LAST_TRY_MS));
  return to < othersDeadline(state, index) ? [to] : [];
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

/** For the reader of a schedule. */
export function describe({ roles }: Configuration, state: State, choice: Choice): string {
  if (choice.kind === "close") {
    return "the provider's grace time ends";
  }
  if (choice.kind === "time") {
    return `+${String((choice.to - state.now) / 1000)} s: ${choice.why}`;
  }
  if (choice.kind === "deliver") {
    const what = state.queue[choice.message]?.task.kind ?? "";
    return `the queue brings ${what}${choice.isTwice ? ", and will again" : ""}`;
  }
  const { caller, act } = choice;
  const request = state.callers[caller]?.place?.pending.request;
  const what =
    request === undefined
      ? "starts and reads"
      : request.kind === "send"
        ? `sends refresh token ${String(readToken(request.token).serial)}`
        : request.kind === "write"
          ? `writes ${request.next.status}${request.next.lease === undefined ? "" : " with a lease"}`
          : request.kind;
  const passed = choice.to > state.now ? `+${String((choice.to - state.now) / 1000)} s: ` : "";
  return `${passed}${roles[caller] ?? (state.callers[caller]?.message === undefined ? "later" : "recover")} ${String(caller)} ${what}${act === "go" ? "" : ` (${act})`}`;
}
