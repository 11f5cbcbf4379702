/** After the answer: the caller asks the next thing, is done, or is no more; and what becomes then of the item that it took. */
import type { Place } from "./behaviour";
import { checkEnd, checkSend } from "./invariants";
import { forfeit, type Stage } from "./stage";
import { change, isRelevant, type State } from "./state";
import { storedToken } from "./stored";

/** The caller has its answer, and asks the next thing or is done. */
export function arrive(
  { setting, index, report, tell }: Stage,
  before: State,
  place: Place,
): State {
  const { request, end, leak } = place.pending;
  if (leak !== undefined) {
    report("I11", `a plaintext in ${leak}`);
  }
  if (end !== undefined) {
    tell(end);
    checkEnd(setting, before, { end, report });
    const { got, isStoreDown = false } = before.callers[index] ?? {};
    const row = before.row;
    const isOurs = row?.status === "active" && storedToken(row)?.family === got?.family;
    if (got !== undefined && isOurs && !isStoreDown) {
      report("I2 kept", "a caller ended with a successor that nobody has stored");
    }
    const ended = change(before, index, { status: "ended", place: undefined, seen: undefined });
    const returned = returnMessage(ended, index, end.reason === undefined);
    return forgetMessage(forfeit(setting, returned, got), index);
  }
  const state = change(before, index, {
    place,
    wakesAt: request.kind === "sleep" ? before.now + request.milliseconds : 0,
  });
  if (request.kind === "send") {
    checkSend(state, index, { token: request.token, report });
  }
  return state;
}

/** The caller is no more. */
export function lose({ setting, index }: Stage, state: State): State {
  const got = state.callers[index]?.got;
  const ended = change(state, index, { status: "ended", place: undefined, seen: undefined });
  const returned = returnMessage({ ...ended, crashesLeft: state.crashesLeft - 1 }, index, false);
  return forgetMessage(forfeit(setting, returned, got), index);
}

/**
 * An item whose bearer would find nothing to do goes at once. It might have found something later, had it come later: to go without is the worse case, and
 * what a bearer does is what any caller does.
 */
export function withoutVain(state: State): State {
  const { queue, row } = state;
  const isAllOfUse = queue.every((message) => isRelevant(message, row));
  return isAllOfUse
    ? state
    : { ...state, queue: queue.filter((message) => isRelevant(message, row)) };
}

/** The item that it took is gone, or comes again: before those that waited for it. */
function returnMessage(state: State, index: number, isDone: boolean): State {
  const { message, deadline = 0 } = state.callers[index] ?? {};
  if (message === undefined || (isDone && !message.isTwice)) {
    return state;
  }
  // As lib/recovery-queue.ts has it: seen again as long after it was taken as its bearer may live.
  const due = Math.max(state.now, deadline);
  return { ...state, queue: [{ ...message, due, isTwice: false }, ...state.queue] };
}

function forgetMessage(state: State, index: number): State {
  return change(state, index, { message: undefined });
}
