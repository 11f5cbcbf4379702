/**
 * What follows an answer: the caller makes its next request, ends or crashes, and the queue item
 * that it took is done or comes again.
 */
import { checkEnd, checkSend } from "./invariants";
import type { ProcessState } from "./replay-cache";
import { change, isRelevant, type State } from "./state";
import { excuseLoss, type StepContext } from "./step-context";
import { storedToken } from "./stored";

/** The caller has its answer, and makes the next request or ends. */
export function applyAnswer(
  { scenario, index, report, tell }: StepContext,
  before: State,
  processState: ProcessState,
): State {
  const { request, end, leak } = processState.pending;
  if (leak !== undefined) {
    report("I11", `a plaintext in ${leak}`);
  }
  if (end !== undefined) {
    tell(end);
    checkEnd(scenario, before, { end, report });
    const { got, isStoreDown = false } = before.callers[index] ?? {};
    const row = before.row;
    const isOurs = row?.status === "active" && storedToken(row)?.family === got?.family;
    if (got !== undefined && isOurs && !isStoreDown) {
      report("I2 kept", "a caller ended with a successor that is not stored");
    }
    const ended = change(before, index, {
      status: "ended",
      processState: undefined,
      seen: undefined,
    });
    const returned = returnMessage(ended, index, end.reason === undefined);
    return forgetMessage(excuseLoss(scenario, returned, got), index);
  }
  const state = change(before, index, {
    processState,
    wakesAt: request.kind === "sleep" ? before.now + request.milliseconds : 0,
  });
  if (request.kind === "send") {
    checkSend(state, index, { token: request.token, report });
  }
  return state;
}

/** The caller crashes. */
export function crashCaller({ scenario, index }: StepContext, state: State): State {
  const got = state.callers[index]?.got;
  const ended = change(state, index, { status: "ended", processState: undefined, seen: undefined });
  const returned = returnMessage({ ...ended, crashesLeft: state.crashesLeft - 1 }, index, false);
  return forgetMessage(excuseLoss(scenario, returned, got), index);
}

/**
 * Removes items whose consumer would find nothing to do. Such an item might find something to do if
 * it came later, but to go without it is the worse case: a consumer does what any caller does.
 */
export function dropNoopMessages(state: State): State {
  const { queue, row } = state;
  const isAllOfUse = queue.every((message) => isRelevant(message, row));
  return isAllOfUse
    ? state
    : { ...state, queue: queue.filter((message) => isRelevant(message, row)) };
}

/** The item that the caller took is done, or returns to the front of its group. */
function returnMessage(state: State, index: number, isDone: boolean): State {
  const { message, deadline = 0 } = state.callers[index] ?? {};
  if (message === undefined || (isDone && !message.isTwice)) {
    return state;
  }
  // As in lib/recovery-queue.ts: the visibility timeout is the consumer's maximum lifetime.
  const due = Math.max(state.now, deadline);
  return { ...state, queue: [{ ...message, due, isTwice: false }, ...state.queue] };
}

function forgetMessage(state: State, index: number): State {
  return change(state, index, { message: undefined });
}
