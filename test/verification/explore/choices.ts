/**
 * What may happen next. One port call is one step: it is applied and answered at once, and whoever is slow is slow before the next one. That loses
 * nothing: an answer under way changes nothing that others see, and its late arrival looks to them like a late next call. For the same reason:
 *  - the first call goes together with the start (nothing was seen or changed before it);
 *  - a crash at a call that changes nothing is one choice, not two; cipher and client secret are no steps at all (run.ts), so that K1 to K4 are the
 *    crash before the intent;
 *  - a request that is repeated by the SDK because it was lost is a late request;
 *  - a waiter that would find the row as it left it does not look: such a look changes only its pauses, and how long those are makes no difference. It wakes
 *    at any moment from when there is something to see, and reads at once (to read later is to wake later), or when its three seconds are over;
 *  - other pauses between tries take no time, as calls take none: who is late is late by some other step;
 *  - callers of the same role start in their order: before that, nothing tells them apart.
 */
import type { EpochMs } from "../../../lambda/model";
import type { Act, Choice } from "./choice";
import { FUNCTION_MS } from "./programs";
import type { Request } from "./run";
import type { Configuration, Setting } from "./setting";
import { NOBODY, signatureOf, type Caller, type State } from "./state";
import { othersDeadline, worldChoices } from "./world-choices";

/** What a caller that is late is late by; also how long each try takes that meets a store which is down. */
const LATE_MS = 3_000;
const DOWN_MS = 5_000;
/** `settle.ts` gives up with this much left, and a little. */
const LAST_TRY_MS = 520;

export function choicesOf(setting: Setting, state: State): Choice[] {
  const choices: Choice[] = [];
  for (const [caller, { status }] of state.callers.entries()) {
    if (status === "live") {
      choices.push(...callerChoices(state, caller));
    } else if (status === "idle" && isNext(setting.configuration, state, caller)) {
      choices.push({ kind: "caller", caller, act: "go", to: state.now });
    }
  }
  choices.push(...worldChoices(setting, state));
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
  if (loss && (isForQueue(request) || request.kind === "mark")) {
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

function isForQueue({ kind }: Request): boolean {
  return kind === "watch" || kind === "spill" || kind === "take over";
}

/** Where a write does not go through anyway, its answer may as well come late. */
function isApplied({ row }: State, request: Request & { kind: "write" }): boolean {
  return (row?.revision ?? 0) === request.expected;
}

/** Whoever sleeps for longer than that does not poll, but knows what for. */
const LONGEST_POLL_MS = 400;

function wakings(state: State, index: number, milliseconds: number): Choice[] {
  const { now, row, callers } = state;
  const caller = callers[index] ?? NOBODY;
  const choice = (act: Act, to: EpochMs): Choice => ({ kind: "caller", caller: index, act, to });
  const isPoll = milliseconds <= LONGEST_POLL_MS;
  if (isPoll && caller.seen === undefined) {
    return [choice("go", now)];
  }
  const onTime = Math.max(now, caller.wakesAt);
  const limit = othersDeadline(state, index);
  if (!isPoll) {
    return onTime < limit ? [choice("go", onTime)] : [];
  }
  const gaveUpAt = caller.deadline - FUNCTION_MS + LATE_MS;
  const late = Math.min(Math.max(onTime, gaveUpAt), limit - 1);
  const hasWaited = late >= gaveUpAt;
  return [
    ...(caller.seen === signatureOf(row, now) ? [] : [choice("go", now)]),
    ...(late > now || hasWaited ? [choice("late", late)] : []),
  ];
}

function failings(state: State, index: number, { deadline }: Caller): EpochMs[] {
  const to = Math.max(state.now, Math.min(state.now + DOWN_MS, deadline - LAST_TRY_MS));
  return to < othersDeadline(state, index) ? [to] : [];
}
