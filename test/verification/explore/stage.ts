/** What a step is carried out with, and what comes of a request. */
import type { Report } from "./violation";
import type { Actor } from "./programs";
import type { RefreshToken } from "./provider";
import type { Answer, End } from "./run";
import type { Setting } from "./setting";
import type { State } from "./state";

/** What a step is carried out with. */
export interface Stage {
  readonly setting: Setting;
  readonly index: number;
  readonly role: Actor;
  readonly report: Report;
  readonly tell: (end: End) => void;
}

/** `answer` undefined: nothing is heard any more. */
export interface Effect {
  readonly state: State;
  readonly answer: Answer | undefined;
}

export function forfeit(
  { configuration }: Setting,
  state: State,
  got: RefreshToken | undefined,
): State {
  const callers = state.callers.map((caller) =>
    caller.status === "ended" ? { ...caller, got: undefined } : caller,
  );
  const isForfeited =
    state.isForfeited || (configuration.rotation === "strict" && got !== undefined);
  return { ...state, callers, isForfeited };
}
