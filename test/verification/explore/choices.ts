/**
 * The possible next events. One port call is one step: it is applied and answered at once, and a
 * slow caller is slow before its next call. That loses no schedule: an answer in flight changes
 * nothing that others see, and to them a late answer looks like a late next call. For the same
 * reason:
 * - the first call goes together with the start, since nothing was seen or changed before it;
 * - a crash at a call that changes nothing is one choice, not two. Cipher and client secret are no
 *   steps at all (run.ts), so K1 to K4 are the crash before the intent;
 * - a request that the SDK repeats because it was lost is a late request;
 * - a waiter does not look again at an unchanged row: that would only change its pauses, whose
 *   length makes no difference. It wakes at any moment from when there is something to see, and
 *   reads at once (to read later is to wake later), or when its three seconds are over;
 * - other pauses between attempts take no time, as calls take none: a late caller is late by
 *   another step;
 * - callers of one role start in order: before their start they are interchangeable.
 */
import type { EpochMs } from "../../../lambda/model";
import type { Choice, Fault } from "./choice";
import { FUNCTION_MS } from "./programs";
import type { Request } from "./run";
import type { Configuration, Scenario } from "./scenario";
import { type Caller, IDLE_CALLER, signatureOf, type State } from "./state";
import { othersDeadline, worldChoices } from "./world-choices";

/** How late a late caller is; also the time of each attempt at a store that is down. */
const LATE_MS = 3_000;
const DOWN_MS = 5_000;
/** The last write starts with this much time left, and a little. */
const LAST_TRY_MS = 520;

export function choicesOf(scenario: Scenario, state: State): Choice[] {
  const choices: Choice[] = [];
  for (const [caller, { status }] of state.callers.entries()) {
    if (status === "live") {
      choices.push(...callerChoices(state, caller));
    } else if (status === "idle" && isNext(scenario.configuration, state, caller)) {
      choices.push({ kind: "caller", caller, fault: "none", to: state.now });
    }
  }
  choices.push(...worldChoices(scenario, state));
  return choices;
}

function isNext({ roles }: Configuration, { callers }: State, caller: number): boolean {
  return !roles.some(
    (role, other) => other < caller && role === roles[caller] && callers[other]?.status === "idle",
  );
}

function callerChoices(state: State, index: number): Choice[] {
  const caller = state.callers[index];
  const request = caller?.processState?.pending.request;
  if (caller === undefined || request === undefined) {
    return [];
  }
  const { now, crashesLeft, lossesLeft } = state;
  const choice = (fault: Fault, to = now): Choice => ({ kind: "caller", caller: index, fault, to });
  const crash = crashesLeft > 0 ? [choice("crash")] : [];
  if (request.kind === "sleep") {
    return [...wakings(state, index, request.milliseconds), ...crash];
  }
  if (caller.isStoreDown && request.kind === "write") {
    return [...failings(state, index, caller).map((to) => choice("outage", to)), ...crash];
  }
  if (request.kind === "read" || request.kind === "find user") {
    return [choice("none"), ...crash];
  }
  const loss = lossesLeft > 0 && !caller.isAnswerLost;
  const faults: Fault[] = ["none"];
  if (crashesLeft > 0) {
    faults.push("crash", "applied, then crash");
  }
  if (loss && request.kind === "send") {
    faults.push("request lost", "answer lost", "not sent");
  }
  if (loss && (isForQueue(request) || request.kind === "mark")) {
    faults.push("error");
  }
  if (loss && request.kind === "write") {
    faults.push(
      "error",
      ...(isApplied(state, request) ? (["answer lost", "error, applied"] as const) : []),
    );
  }
  const outages = loss && request.kind === "write" ? failings(state, index, caller) : [];
  return [...faults.map((fault) => choice(fault)), ...outages.map((to) => choice("outage", to))];
}

function isForQueue({ kind }: Request): boolean {
  return kind === "watch" || kind === "spill" || kind === "take over";
}

/** A write that fails anyway may as well have a late answer. */
function isApplied({ row }: State, request: Request & { kind: "write" }): boolean {
  return (row?.revision ?? 0) === request.expected;
}

/** A longer sleep is no poll: its end is known. */
const LONGEST_POLL_MS = 400;

function wakings(state: State, index: number, milliseconds: number): Choice[] {
  const { now, row, callers } = state;
  const caller = callers[index] ?? IDLE_CALLER;
  const choice = (fault: Fault, to: EpochMs): Choice => ({
    kind: "caller",
    caller: index,
    fault,
    to,
  });
  const isPoll = milliseconds <= LONGEST_POLL_MS;
  if (isPoll && caller.seen === undefined) {
    return [choice("none", now)];
  }
  const onTime = Math.max(now, caller.wakesAt);
  const limit = othersDeadline(state, index);
  if (!isPoll) {
    return onTime < limit ? [choice("none", onTime)] : [];
  }
  const gaveUpAt = caller.deadline - FUNCTION_MS + LATE_MS;
  const late = Math.min(Math.max(onTime, gaveUpAt), limit - 1);
  const hasWaited = late >= gaveUpAt;
  return [
    ...(caller.seen === signatureOf(row, now) ? [] : [choice("none", now)]),
    ...(late > now || hasWaited ? [choice("late", late)] : []),
  ];
}

function failings(state: State, index: number, { deadline }: Caller): EpochMs[] {
  const to = Math.max(state.now, Math.min(state.now + DOWN_MS, deadline - LAST_TRY_MS));
  return to < othersDeadline(state, index) ? [to] : [];
}
