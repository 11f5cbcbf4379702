/**
 * After the end of all callers: delivers what is left in the queue, and runs one more caller,
 * without faults and without choices.
 */
import type { EpochMs } from "../../../lambda/model";
import type { End } from "./run";
import type { Scenario } from "./scenario";
import { isItsTurn, type State } from "./state";
import { stepOf } from "./step";
import type { Violation } from "./violation";
import { comesAt } from "./world-choices";

/** No caller that runs alone takes more steps. */
const MAX_STEPS = 40;

/** Delivers every queued item before the last caller comes. */
export async function drainQueue(
  scenario: Scenario,
  ended: State,
  violations: Violation[],
): Promise<State> {
  let state = ended;
  for (let items = 0; items < MAX_STEPS; items += 1) {
    const next = nextItem(state, Infinity);
    if (next === undefined) {
      return state;
    }
    state = await bring(scenario, state, { ...next, violations });
  }
  violations.push({ invariant: "I9", text: "the queue does not become empty" });
  return state;
}

interface Item {
  /** Index in the queue. */
  readonly message: number;
  readonly at: EpochMs;
}

/** The first item that comes until `until`. */
function nextItem(state: State, until: EpochMs): Item | undefined {
  return state.queue
    .flatMap((item, message): Item[] => {
      const at = Math.max(state.now, comesAt(state, item));
      return at <= until && isItsTurn(state, item) ? [{ message, at }] : [];
    })
    .reduce<Item | undefined>(
      (first, item) => (first === undefined || item.at < first.at ? item : first),
      undefined,
    );
}

async function bring(
  scenario: Scenario,
  state: State,
  { message, at, violations }: Item & { readonly violations: Violation[] },
): Promise<State> {
  const choice = { kind: "deliver", message, isTwice: false } as const;
  const step = await stepOf(scenario, { ...state, now: at }, choice);
  violations.push(...step.violations);
  return step.end === undefined
    ? (await runAlone(scenario, step.state, violations)).state
    : step.state;
}

/** Runs the last caller to its end; the queue still delivers while it sleeps. */
export async function runAlone(
  scenario: Scenario,
  start: State,
  violations: Violation[],
): Promise<{ readonly told: End; readonly state: State }> {
  const caller = start.callers.length - 1;
  let state = start;
  for (let steps = 0; steps < MAX_STEPS; steps += 1) {
    const isAsleep = state.callers[caller]?.processState?.pending.request?.kind === "sleep";
    const item = isAsleep ? nextItem(state, state.now) : undefined;
    if (item !== undefined) {
      state = await bring(scenario, state, { ...item, violations });
      continue;
    }
    const to = Math.max(state.now, state.callers[caller]?.wakesAt ?? 0);
    const step = await stepOf(scenario, state, { kind: "caller", caller, fault: "none", to });
    violations.push(...step.violations);
    state = step.state;
    if (step.end !== undefined) {
      return { told: step.end, state };
    }
  }
  violations.push({ invariant: "I9", text: "the later caller does not come to an end" });
  return { told: {}, state };
}
