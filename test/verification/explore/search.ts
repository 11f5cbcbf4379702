/**
 * Searches every schedule of a configuration depth first, and each state once: two states with the
 * same key have the same future. Each step adds to what a caller was told, spends a crash or a
 * loss, or lets time pass, so the graph has no cycles, and schedules (ways from the start to an
 * end) can be counted without walking them.
 */
import { type Choice, describe } from "./choice";
import { choicesOf } from "./choices";
import { checkLiveness, isOver } from "./liveness";
import type { Scenario } from "./scenario";
import { initialState, type State } from "./state";
import { stateKey } from "./state-key";
import { stepOf } from "./step";
import type { Violation } from "./violation";

export interface Found {
  readonly violations: readonly Violation[];
  /** One line for each step. */
  readonly schedule: readonly string[];
}

export interface Search {
  /** Maximal executions; beyond 2^53 rounded to sixteen digits. */
  readonly schedules: number;
  readonly states: number;
  readonly steps: number;
  /** States in which all callers have ended. */
  readonly ends: number;
  /** Ends after which a strict provider's user must sign in again. */
  readonly forfeited: number;
  /** False if a bound or a violation ended the search. */
  readonly isComplete: boolean;
  readonly found: Found | undefined;
}

export interface Bounds {
  readonly maxStates: number;
  readonly onProgress?: (states: number) => void;
}

const PROGRESS_EVERY = 50_000;

export async function search(scenario: Scenario, bounds: Bounds): Promise<Search> {
  const schedules = new Map<string, number>();
  const path: { readonly state: State; readonly choice: Choice }[] = [];
  const counts = { steps: 0, ends: 0, forfeited: 0 };
  let found: Found | undefined;
  let isBounded = false;

  function fail(violations: readonly Violation[]): void {
    found ??= { violations, schedule: words() };
  }

  function words(): string[] {
    return path.map(({ state, choice }) => describe(scenario.configuration, state, choice));
  }

  async function end(state: State): Promise<void> {
    counts.ends += 1;
    counts.forfeited += state.isLossExcused ? 1 : 0;
    const violations = await checkLiveness(scenario, state);
    if (violations.length > 0) {
      fail(violations);
    }
  }

  /** @returns the number of schedules from here to an end */
  async function visit(state: State, key: string): Promise<number> {
    if (schedules.size >= bounds.maxStates) {
      isBounded = true;
      return 0;
    }
    schedules.set(key, NaN);
    if (schedules.size % PROGRESS_EVERY === 0) {
      bounds.onProgress?.(schedules.size);
    }
    if (isOver(state)) {
      await end(state);
    }
    const choices = choicesOf(scenario, state);
    if (choices.length === 0 && !isOver(state)) {
      throw new Error(`no caller can continue:\n${words().join("\n")}`);
    }
    let total = choices.length === 0 ? 1 : 0;
    for (const choice of choices) {
      total += await follow(state, choice);
      if (found !== undefined || isBounded) {
        break;
      }
    }
    schedules.set(key, total);
    return total;
  }

  async function follow(state: State, choice: Choice): Promise<number> {
    counts.steps += 1;
    const stepped = stepOf(scenario, state, choice);
    const { state: next, violations } = stepped instanceof Promise ? await stepped : stepped;
    path.push({ state, choice });
    if (violations.length > 0) {
      fail(violations);
    }
    const key = stateKey(next);
    const known = schedules.get(key);
    if (Number.isNaN(known)) {
      throw new Error(`a cycle:\n${words().join("\n")}`);
    }
    const total = known ?? (await visit(next, key));
    path.pop();
    return total;
  }

  const start = initialState(scenario.configuration);
  const total = await visit(start, stateKey(start));
  const isComplete = found === undefined && !isBounded;
  return { schedules: total, states: schedules.size, ...counts, isComplete, found };
}

interface Trail {
  readonly state: State;
  readonly choice: string;
  readonly before: Trail | undefined;
}

/** Searches breadth first. @returns a shortest schedule that breaks an invariant, or undefined */
export async function shortest(scenario: Scenario, maxStates: number): Promise<Found | undefined> {
  const start = initialState(scenario.configuration);
  const seen = new Set([stateKey(start)]);
  const queue: Trail[] = [{ state: start, choice: "", before: undefined }];
  for (const trail of queue) {
    const { state } = trail;
    const later = isOver(state) ? await checkLiveness(scenario, state) : [];
    if (later.length > 0) {
      return { violations: later, schedule: scheduleOf(trail) };
    }
    for (const choice of choicesOf(scenario, state)) {
      const step = await stepOf(scenario, state, choice);
      const described = describe(scenario.configuration, state, choice);
      const next = { state: step.state, choice: described, before: trail };
      if (step.violations.length > 0) {
        return { violations: step.violations, schedule: scheduleOf(next) };
      }
      const key = stateKey(step.state);
      if (!seen.has(key)) {
        seen.add(key);
        queue.push(next);
      }
    }
    if (seen.size > maxStates) {
      throw new Error(`no counterexample within ${String(maxStates)} states`);
    }
  }
  return undefined;
}

function scheduleOf(trail: Trail): string[] {
  const words: string[] = [];
  for (let at = trail; at.before !== undefined; at = at.before) {
    words.unshift(at.choice);
  }
  return words;
}
