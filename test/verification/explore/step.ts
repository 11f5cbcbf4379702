/**
 * Carries out one choice: changes the shared world, answers the caller, runs the real code to its
 * next request, and checks the invariants.
 */
import { applyAnswer, crashCaller, dropNoopMessages } from "./apply-answer";
import type { Choice } from "./choice";
import { effectOf } from "./effects";
import { checkState } from "./invariants";
import { FUNCTION_MS, programOf, recover } from "./programs";
import { changeFamily } from "./provider";
import type { ProcessState } from "./replay-cache";
import type { End, RunOptions } from "./run";
import type { Scenario } from "./scenario";
import { change, IDLE_CALLER, type Message, type State } from "./state";
import type { StepContext } from "./step-context";
import { STILL_ASKING } from "./store-effect";
import type { Report, Violation } from "./violation";

export interface Step {
  readonly state: State;
  readonly violations: readonly Violation[];
  /** How the caller ended, if it did. */
  readonly end: End | undefined;
}

export function stepOf(scenario: Scenario, before: State, choice: Choice): Step | Promise<Step> {
  const violations: Violation[] = [];
  const report: Report = (invariant, text) => {
    if (scenario.rules.isSuspended?.includes(invariant) !== true) {
      violations.push({ invariant, text });
    }
  };
  let end: End | undefined;
  const tell = (told: End) => {
    end = told;
  };
  const done = (stepped: State): Step => {
    const state = dropNoopMessages(stepped);
    checkState(scenario, state, report);
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
    return deliver(scenario, before, { choice, report, tell, done });
  }
  return callerStep(scenario, before, { choice, report, tell, done });
}

interface Told<Kind> extends Pick<StepContext, "report" | "tell"> {
  readonly choice: Extract<Choice, { readonly kind: Kind }>;
  readonly done: (state: State) => Step;
}

function callerStep(
  scenario: Scenario,
  before: State,
  { choice, report, tell, done }: Told<"caller">,
): Step | Promise<Step> {
  const { caller: index, fault, to } = choice;
  const isRecovering = before.callers[index]?.message !== undefined;
  const role = scenario.configuration.roles[index] ?? (isRecovering ? "recover" : "access");
  const stepContext: StepContext = { scenario, index, role, report, tell };
  const now = { ...before, now: to };
  if (now.callers[index]?.status === "idle") {
    return begin(stepContext, now, done);
  }
  const { state, answer } = effectOf(stepContext, now, fault);
  const processState = state.callers[index]?.processState;
  if (answer === undefined || processState === undefined) {
    return done(crashCaller(stepContext, state));
  }
  if (answer === STILL_ASKING) {
    return done(state);
  }
  const next = scenario.runner.next(processState, answer, state.now);
  const isAwake = processState.pending.request?.kind === "sleep";
  const go = (there: ProcessState) =>
    isAwake && there.pending.request?.kind === "read"
      ? look(stepContext, applyAnswer(stepContext, state, there), done)
      : done(applyAnswer(stepContext, state, there));
  return next instanceof Promise ? next.then(go) : go(next);
}

/** A caller that wakes to read reads at once: to read later is to wake later. */
function look(
  stepContext: StepContext,
  state: State,
  done: (state: State) => Step,
): Step | Promise<Step> {
  const { answer, state: read } = effectOf(stepContext, state, "none");
  const processState = read.callers[stepContext.index]?.processState;
  if (answer === undefined || processState === undefined) {
    return done(read);
  }
  const next = stepContext.scenario.runner.next(processState, answer, read.now);
  return next instanceof Promise
    ? next.then((there) => done(applyAnswer(stepContext, read, there)))
    : done(applyAnswer(stepContext, read, next));
}

/** The consumer of an item is a caller like others and may crash; the item then comes again. */
function deliver(
  scenario: Scenario,
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
    ...before,
    queue: rest,
    callers: [...callers, { ...IDLE_CALLER, message: taken }],
    lossesLeft: choice.isTwice ? lossesLeft - 1 : lossesLeft,
  };
  const stepContext: StepContext = {
    scenario,
    index: callers.length,
    role: "recover",
    report,
    tell,
  };
  return begin(stepContext, state, done);
}

/** The start together with the first call. */
async function begin(
  stepContext: StepContext,
  before: State,
  done: (state: State) => Step,
): Promise<Step> {
  const { scenario, index, role } = stepContext;
  const { configuration, runner } = scenario;
  const message = before.callers[index]?.message;
  const processState = await runner.start(runOptions(stepContext, message), before.now);
  const isSigningIn = role === "sign-in" || role === "stale sign-in";
  const provider =
    isSigningIn && configuration.isExclusive === true
      ? changeFamily(before.provider, 0, { isRevoked: true, isEndedByUser: true })
      : before.provider;
  const deadline = before.now + FUNCTION_MS;
  const state = change({ ...before, provider }, index, { status: "live", processState, deadline });
  const { answer, state: read } = effectOf(stepContext, state, "none");
  const next = await runner.next(processState, answer ?? { key: "" }, read.now);
  return done(applyAnswer(stepContext, read, next));
}

function runOptions(
  { scenario, index, role }: StepContext,
  message: Message | undefined,
): RunOptions {
  const { rotation, isRevocable = false, isEachNoted } = scenario.configuration;
  const { exchangeIntervalSeconds = 0 } = scenario.configuration;
  const by = isEachNoted === true ? `caller ${String(index)}` : undefined;
  const program = message === undefined ? programOf(role, by) : recover(message.task);
  return {
    program,
    prefix: role === "access" || role === "recover" ? "n" : `${role} `,
    label: message === undefined ? `${role} ${by ?? ""}` : JSON.stringify(message.task),
    rotation,
    isRevocable,
    exchangeIntervalSeconds,
    breakProgram: scenario.rules.breakProgram,
  };
}
