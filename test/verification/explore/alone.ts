/** When all have ended: what the queue still brings, and one caller after the other; faultless, and nothing is left to choose. */
import type { EpochMs } from "../../../lambda/model";
import type { Violation } from "./violation";
import type { End } from "./run";
import type { Setting } from "./setting";
import { isItsTurn, type State } from "./state";
import { stepOf } from "./step";
import { comesAt } from "./world-choices";

/** More steps than a caller takes who is alone. */
const MAX_STEPS = 40;

/** What is in the queue is done with before anybody comes. */
export async function emptyQueue(
  setting: Setting,
  ended: State,
  violations: Violation[],
): Promise<State> {
  let state = ended;
  for (let items = 0; items < MAX_STEPS; items += 1) {
    const next = nextItem(state, Infinity);
    if (next === undefined) {
      return state;
    }
    state = await bring(setting, state, { ...next, violations });
  }
  violations.push({ invariant: "I9", text: "the queue does not become empty" });
  return state;
}

interface Item {
  /** Where in the queue. */
  readonly message: number;
  readonly at: EpochMs;
}

/** What comes first, until `until`. */
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
  setting: Setting,
  state: State,
  { message, at, violations }: Item & { readonly violations: Violation[] },
): Promise<State> {
  const choice = { kind: "deliver", message, isTwice: false } as const;
  const step = await stepOf(setting, { ...state, now: at }, choice);
  violations.push(...step.violations);
  return step.end === undefined
    ? (await comeAlone(setting, step.state, violations)).state
    : step.state;
}

/** The last caller, alone but for what the queue brings while it sleeps. */
export async function comeAlone(
  setting: Setting,
  start: State,
  violations: Violation[],
): Promise<{ readonly told: End; readonly state: State }> {
  const caller = start.callers.length - 1;
  let state = start;
  for (let steps = 0; steps < MAX_STEPS; steps += 1) {
    const isAsleep = state.callers[caller]?.place?.pending.request?.kind === "sleep";
    const item = isAsleep ? nextItem(state, state.now) : undefined;
    if (item !== undefined) {
      state = await bring(setting, state, { ...item, violations });
      continue;
    }
    const to = Math.max(state.now, state.callers[caller]?.wakesAt ?? 0);
    const step = await stepOf(setting, state, { kind: "caller", caller, act: "go", to });
    violations.push(...step.violations);
    state = step.state;
    if (step.end !== undefined) {
      return { told: step.end, state };
    }
  }
  violations.push({ invariant: "I9", text: "the later caller does not come to an end" });
  return { told: {}, state };
}
