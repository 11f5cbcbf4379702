/**
 * Plays one random schedule once with the real code: the exploration's world, choices and
 * invariants.
 */
import { seeded } from "../../support/seeded";
import { describe, isFault } from "../explore/choice";
import { choicesOf } from "../explore/choices";
import { ROTATIONS } from "../explore/configurations";
import { checkLiveness, isOver } from "../explore/liveness";
import type { Role } from "../explore/programs";
import { createLiveRunner } from "../explore/replay-cache";
import type { Configuration, Scenario } from "../explore/scenario";
import { initialState, type State } from "../explore/state";
import { stepOf } from "../explore/step";
import type { Violation } from "../explore/violation";

export interface Played {
  readonly configuration: Configuration;
  readonly violations: readonly Violation[];
  readonly schedule: readonly string[];
  readonly steps: number;
  readonly crashes: number;
  readonly losses: number;
  readonly isLossExcused: boolean;
}

type Draw = () => number;

const FAULT_SHARE = 0.12;
/** No schedule of this size has more steps. */
const MAX_STEPS = 2_000;

const OTHERS: readonly (readonly Role[])[] = [
  [],
  [],
  ["sign-in"],
  ["disconnect"],
  ["erase"],
  ["freeze"],
  ["sign-in", "disconnect"],
  ["stale sign-in", "erase"],
  ["sign-in", "freeze"],
  ["sign-in", "erase", "disconnect", "freeze"],
];

function pick<T>(draw: Draw, from: readonly T[]): T {
  const picked = from[Math.floor(draw() * from.length)];
  if (picked === undefined) {
    throw new Error("nothing to pick from");
  }
  return picked;
}

function drawConfiguration(draw: Draw): Configuration {
  const others = pick(draw, OTHERS);
  const callers = 1 + Math.floor(draw() * (8 - others.length));
  return {
    name: "random",
    rotation: pick(draw, ROTATIONS),
    roles: [...Array.from({ length: callers }, (): Role => "access"), ...others],
    crashes: Math.floor(draw() * 4),
    losses: Math.floor(draw() * 3),
    isRevocable: draw() < 0.5,
    isExclusive: draw() < 0.25,
    lifetimeMs: draw() < 0.5 ? 30_000 : 2 * 86_400_000,
    isEachNoted: draw() < 0.5,
    exchangeIntervalSeconds: draw() < 0.5 ? 0 : 60,
  };
}

/** Seed and run number together repeat a schedule. */
export async function play(seed: number, run: number, isTold = false): Promise<Played> {
  const draw = seeded(Math.imul(seed, 0x9e3779b1) + run);
  const configuration = drawConfiguration(draw);
  const scenario: Scenario = { configuration, rules: {}, runner: createLiveRunner() };
  const schedule: string[] = [];
  let violations: readonly Violation[] = [];
  let state: State = initialState(configuration);
  let steps = 0;
  for (; violations.length === 0 && steps < MAX_STEPS; steps += 1) {
    const choices = choicesOf(scenario, state);
    if (choices.length === 0 || (isOver(state) && draw() < 0.5)) {
      break;
    }
    const faults = choices.filter(isFault);
    const others = choices.filter((choice) => !isFault(choice));
    const isFaulty = faults.length > 0 && (others.length === 0 || draw() < FAULT_SHARE);
    const choice = pick(draw, isFaulty ? faults : others);
    if (isTold) {
      schedule.push(describe(configuration, state, choice));
    }
    ({ state, violations } = await stepOf(scenario, state, choice));
  }
  if (violations.length === 0) {
    violations = isOver(state)
      ? await checkLiveness(scenario, state)
      : [{ invariant: "I9", text: "the schedule does not end" }];
  }
  return {
    configuration,
    violations,
    schedule,
    steps,
    isLossExcused: state.isLossExcused,
    crashes: configuration.crashes - state.crashesLeft,
    losses: configuration.losses - state.lossesLeft,
  };
}
