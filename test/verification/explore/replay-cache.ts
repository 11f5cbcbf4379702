/**
 * The state of a running process. The real code is deterministic in its answers and their times, so
 * the answers that led to a state name it.
 *
 * `createReplayCache` serves the exhaustive search. An async function cannot be copied, but it can
 * be run again: the real code reaches each state once, replayed from its start with the recorded
 * answers, and the cache remembers it. A return to a state, by this schedule or another one, costs
 * a look-up. A replay that makes another request than the first time is an error, because the code
 * would not be deterministic and the search not exhaustive.
 *
 * `createLiveRunner` runs the code along once and remembers nothing. It serves schedules that are
 * played once.
 */
import type { EpochMs } from "../../../lambda/model";
import { type Answer, createRun, type Pending, type Run, type RunOptions } from "./run";

export interface ProcessState {
  readonly id: number;
  readonly pending: Pending;
}

export interface CodeRunner {
  start(options: RunOptions, now: EpochMs): ProcessState | Promise<ProcessState>;
  next(
    processState: ProcessState,
    answer: Answer,
    now: EpochMs,
  ): ProcessState | Promise<ProcessState>;
}

interface CachedState extends ProcessState {
  readonly options: RunOptions;
  readonly before: { readonly processState: CachedState; readonly answer: Answer } | undefined;
  readonly now: EpochMs;
  readonly hasReadClock: boolean;
  readonly after: Map<string, CachedState>;
  /** The real code in this state, until it is run further. */
  run: Run | undefined;
}

const MAX_HOT = 64;

export interface ReplayCache extends CodeRunner {
  /** States, and how often the real code was run to reach them. */
  counts(): { readonly processStates: number; readonly runs: number };
}

export function createReplayCache(): ReplayCache {
  const starts = new Map<string, CachedState>();
  const hot: CachedState[] = [];
  let processStates = 0;
  let runs = 0;

  /** The newest states keep their run, because the search continues from them first. */
  function keepHot(processState: CachedState): CachedState {
    hot.push(processState);
    const cold = hot.length > MAX_HOT ? hot.shift() : undefined;
    if (cold !== undefined) {
      cold.run = undefined;
    }
    return processState;
  }

  async function begin(options: RunOptions, now: EpochMs): Promise<CachedState> {
    runs += 1;
    const run = createRun(options);
    const pending = await run.start(now);
    const id = (processStates += 1);
    const hasReadClock = run.hasReadClock();
    const known = { id, pending, options, now, hasReadClock, run, before: undefined };
    return keepHot({ ...known, after: new Map() });
  }

  async function learn(
    processState: CachedState,
    answer: Answer,
    now: EpochMs,
  ): Promise<CachedState> {
    const run = processState.run ?? (await replay(processState));
    processState.run = undefined;
    const pending = await run.answer(answer, now);
    const hasReadClock = run.hasReadClock();
    const before = { processState, answer };
    const id = (processStates += 1);
    const known = {
      id,
      pending,
      before,
      now,
      hasReadClock,
      run,
      options: processState.options,
    };
    const learned = keepHot({ ...known, after: new Map() });
    processState.after.set(hasReadClock ? `${answer.key}@${String(now)}` : answer.key, learned);
    return learned;
  }

  async function replay(processState: CachedState): Promise<Run> {
    runs += 1;
    const way: CachedState[] = [processState];
    for (let at = processState.before; at !== undefined; at = at.processState.before) {
      way.unshift(at.processState);
    }
    const run = createRun(processState.options);
    for (const { before, now, pending } of way) {
      const again = await (before === undefined ? run.start(now) : run.answer(before.answer, now));
      if (again.request?.kind !== pending.request?.kind) {
        throw new Error("the code did not do the same again: it is not deterministic");
      }
    }
    return run;
  }

  return {
    counts: () => ({ processStates, runs }),
    start: (options, now) => {
      const key = `${options.label}@${String(now)}`;
      const known = starts.get(key);
      return (
        known ??
        begin(options, now).then((begun) => {
          starts.set(key, begun);
          return begun;
        })
      );
    },
    next: (processState, answer, now) => {
      const from = processState as CachedState;
      return (
        from.after.get(answer.key) ??
        from.after.get(`${answer.key}@${String(now)}`) ??
        learn(from, answer, now)
      );
    },
  };
}

export function createLiveRunner(): CodeRunner {
  const runs = new WeakMap<ProcessState, Run>();
  let id = 0;

  function stand(run: Run, pending: Pending): ProcessState {
    const processState = { id: (id += 1), pending };
    runs.set(processState, run);
    return processState;
  }

  return {
    start: async (options, now) => {
      const run = createRun(options);
      return stand(run, await run.start(now));
    },
    next: async (processState, answer, now) => {
      const run = runs.get(processState);
      if (run === undefined) {
        throw new Error("no run stands here");
      }
      return stand(run, await run.answer(answer, now));
    },
  };
}
