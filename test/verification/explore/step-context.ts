/** The context of one step, and the effect of a request. */
import type { Actor } from "./programs";
import type { RefreshToken } from "./provider";
import type { Answer, End } from "./run";
import type { Scenario } from "./scenario";
import type { State } from "./state";
import type { Report } from "./violation";

/** What a step is carried out with. */
export interface StepContext {
  readonly scenario: Scenario;
  readonly index: number;
  readonly role: Actor;
  readonly report: Report;
  readonly tell: (end: End) => void;
}

/** `answer` undefined: the caller has crashed. */
export interface Effect {
  readonly state: State;
  readonly answer: Answer | undefined;
}

export function excuseLoss(
  { configuration }: Scenario,
  state: State,
  got: RefreshToken | undefined,
): State {
  const callers = state.callers.map((caller) =>
    caller.status === "ended" ? { ...caller, got: undefined } : caller,
  );
  const isLossExcused =
    state.isLossExcused || (configuration.rotation === "strict" && got !== undefined);
  return { ...state, callers, isLossExcused };
}
