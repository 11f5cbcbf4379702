/** One choice, carried out: the shared world changes, the caller is answered, the real code says what it asks next, and the invariants are looked at. */
import { arrive, lose, withoutVain } from "./arrival";
import type { Place } from "./behaviour";
import type { Choice } from "./choice";
import { effectOf } from "./effects";
import { checkState } from "./invariants";
import type { Report, Violation } from "./violation";
import { FUNCTION_MS, programOf, recover } from "./programs";
import { changeFamily } from "./provider";
import type { End, RunOptions } from "./run";
import type { Setting } from "./setting";
import type { Stage } from "./stage";
import { change, NOBODY, type Message, type State } from "./state";
import { STILL_ASKING } from "./store-effect";

export interface Step {
  readonly state: State;
  readonly violations: readonly Violation[];
  /** How the caller ended, where it did. */
  readonly end: End | undefined;
}

export function stepOf(setting: Setting, before: State, choice: Choice): Step | Promise<Step> {
  const violations: Violation[] = [];
  const report: Report = (invariant, text) => {
    if (setting.rules.isSuspended?.includes(invariant) !== true) {
      violations.push({ invariant, text });
    }
  };
  let end: End | undefined;
  const tell = (told: End) => {
    end = told;
  };
  const done = (stepped: State): Step => {
    const state = withoutVain(stepped);
    checkState(setting, state, report);
    return { state, violations, end };
  };
  if (choice.kind === "time") {
    return done({ ...before, now: choice.to });
  }
  if (choice.kind === "close") {
    const provider = changeFamily(before.provider, choice.family, { isGraced: false });
    return done({ ...before, provider });
  }
  if (choice.kind === "deliver") {
    return deliver(setting, before, { choice, report, tell, done });
  }
  return callerStep(setting, before, { choice, report, tell, done });
}

interface Told<Kind> extends Pick<Stage, "report" | "tell"> {
  readonly choice: Extract<Choice, { readonly kind: Kind }>;
  readonly done: (state: State) => Step;
}

function callerStep(
  setting: Setting,
  before: State,
  { choice, report, tell, done }: Told<"caller">,
): Step | Promise<Step> {
  const { caller: index, act, to } = choice;
  const isRecovering = before.callers[index]?.message !== undefined;
  const role = setting.configuration.roles[index] ?? (isRecovering ? "recover" : "access");
  const stage: Stage = { setting, index, role, report, tell };
  const now = { ...before, now: to };
  if (now.callers[index]?.status === "idle") {
    return begin(stage, now, done);
  }
  const { state, answer } = effectOf(stage, now, act);
  const place = state.callers[index]?.place;
  if (answer === undefined || place === undefined) {
    return done(lose(stage, state));
  }
  if (answer === STILL_ASKING) {
    return done(state);
  }
  const next = setting.behaviour.next(place, answer, state.now);
  const isAwake = place.pending.request?.kind === "sleep";
  const go = (there: Place) =>
    isAwake && there.pending.request?.kind === "read"
      ? look(stage, arrive(stage, state, there), done)
      : done(arrive(stage, state, there));
  return next instanceof Promise ? next.then(go) : go(next);
}

/** Whoever wakes to read reads at once: to read later is to wake later. */
function look(stage: Stage, state: State, done: (state: State) => Step): Step | Promise<Step> {
  const { answer, state: read } = effectOf(stage, state, "go");
  const place = read.callers[stage.index]?.place;
  if (answer === undefined || place === undefined) {
    return done(read);
  }
  const next = stage.setting.behaviour.next(place, answer, read.now);
  return next instanceof Promise
    ? next.then((there) => done(arrive(stage, read, there)))
    : done(arrive(stage, read, next));
}

/** Whoever takes an item is a caller like others, and may crash like others: then the item comes again. */
function deliver(
  setting: Setting,
  before: State,
  { choice, report, tell, done }: Told<"deliver">,
): Step | Promise<Step> {
  const { queue, callers, lossesLeft } = before;
  const message = queue[choice.message];
  const rest = queue.filter((_, at) => at !== choice.message);
  if (message === undefined) {
    return done({ ...before, queue: rest });
  }
  const taken = { ...message, isTwice: choice.isTwice };
  const state: State = {
    ...{ ...before, queue: rest, callers: [...callers, { ...NOBODY, message: taken }] },
    lossesLeft: choice.isTwice ? lossesLeft - 1 : lossesLeft,
  };
  const stage: Stage = { setting, index: callers.length, role: "recover", report, tell };
  return begin(stage, state, done);
}

/** Starting, and the first call with it. */
async function begin(stage: Stage, before: State, done: (state: State) => Step): Promise<Step> {
  const { setting, index, role } = stage;
  const { configuration, behaviour } = setting;
  const message = before.callers[index]?.message;
  const place = await behaviour.start(runOptions(stage, message), before.now);
  const isSigningIn = role === "sign-in" || role === "stale sign-in";
  const provider =
    isSigningIn && configuration.isExclusive === true
      ? changeFamily(before.provider, 0, { isRevoked: true, isEndedByUser: true })
      : before.provider;
  const deadline = before.now + FUNCTION_MS;
  const state = change({ ...before, provider }, index, { status: "live", place, deadline });
  const { answer, state: read } = effectOf(stage, state, "go");
  const next = await behaviour.next(place, answer ?? { key: "" }, read.now);
  return done(arrive(stage, read, next));
}

function runOptions({ setting, index, role }: Stage, message: Message | undefined): RunOptions {
  const { rotation, isRevocable = false, isEachNoted } = setting.configuration;
  const { exchangeIntervalSeconds = 0 } = setting.configuration;
  const by = isEachNoted === true ? `caller ${String(index)}` : undefined;
  const program = message === undefined ? programOf(role, by) : recover(message.task);
  return {
    program,
    prefix: role === "access" || role === "recover" ? "n" : `${role} `,
    label: message === undefined ? `${role} ${by ?? ""}` : JSON.stringify(message.task),
    ...{ rotation, isRevocable, exchangeIntervalSeconds },
    breakProgram: setting.rules.breakProgram,
  };
}
