/**
 * Where a caller stands. Given what it was answered, and when, the real code is deterministic; so a place is named by the answers that led there.
 *
 * `createLearned`: an async function cannot be copied, but it can be run again: each place is reached once by the real code, repeated from its start
 * with the recorded answers, and remembered. Going back to a place, or there by another schedule, costs a look-up. A repetition that asks anything
 * else than the first time is an error: the code would not be deterministic, and the search not exhaustive.
 * `createLive`: the code runs along, once, and nothing is remembered: for schedules that are played once.
 */
import type { EpochMs } from "../../../lambda/model";
import { createRun, type Answer, type Pending, type Run, type RunOptions } from "./run";

export interface Place {
  readonly id: number;
  readonly pending: Pending;
}

export interface Behaviour {
  start(options: RunOptions, now: EpochMs): Place | Promise<Place>;
  next(place: Place, answer: Answer, now: EpochMs): Place | Promise<Place>;
}

interface Known extends Place {
  readonly options: RunOptions;
  readonly before: { readonly place: Known; readonly answer: Answer } | undefined;
  readonly now: EpochMs;
  readonly hasReadClock: boolean;
  readonly after: Map<string, Known>;
  /** The real code, standing here, until somebody leads it on. */
  run: Run | undefined;
}

const MAX_HOT = 64;

export interface Learned extends Behaviour {
  /** Places, and how often the real code was run to get to them. */
  counts(): { readonly places: number; readonly runs: number };
}

export function createLearned(): Learned {
  const starts = new Map<string, Known>();
  const hot: Known[] = [];
  let places = 0;
  let runs = 0;

  /** The newest places keep their run, because a search goes on from them first; those of older ones are let go. */
  function keepHot(place: Known): Known {
    hot.push(place);
    const cold = hot.length > MAX_HOT ? hot.shift() : undefined;
    if (cold !== undefined) {
      cold.run = undefined;
    }
    return place;
  }

  async function begin(options: RunOptions, now: EpochMs): Promise<Known> {
    runs += 1;
    const run = createRun(options);
    const pending = await run.start(now);
    const id = (places += 1);
    const hasReadClock = run.hasReadClock();
    const known = { ...{ id, pending, options, now, hasReadClock, run }, before: undefined };
    return keepHot({ ...known, after: new Map() });
  }

  async function learn(place: Known, answer: Answer, now: EpochMs): Promise<Known> {
    const run = place.run ?? (await replay(place));
    place.run = undefined;
    const pending = await run.answer(answer, now);
    const hasReadClock = run.hasReadClock();
    const before = { place, answer };
    const id = (places += 1);
    const known = { ...{ id, pending, before, now, hasReadClock, run }, options: place.options };
    const learned = keepHot({ ...known, after: new Map() });
    place.after.set(hasReadClock ? `${answer.key}@${String(now)}` : answer.key, learned);
    return learned;
  }

  async function replay(place: Known): Promise<Run> {
    runs += 1;
    const way: Known[] = [place];
    for (let at = place.before; at !== undefined; at = at.place.before) {
      way.unshift(at.place);
    }
    const run = createRun(place.options);
    for (const { before, now, pending } of way) {
      const again = await (before === undefined ? run.start(now) : run.answer(before.answer, now));
      if (again.request?.kind !== pending.request?.kind) {
        throw new Error("the code did not do the same again: it is not deterministic");
      }
    }
    return run;
  }

  return {
    counts: () => ({ places, runs }),
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
    next: (place, answer, now) => {
      const from = place as Known;
      return (
        from.after.get(answer.key) ??
        from.after.get(`${answer.key}@${String(now)}`) ??
        learn(from, answer, now)
      );
    },
  };
}

export function createLive(): Behaviour {
  const runs = new WeakMap<Place, Run>();
  let id = 0;

  function stand(run: Run, pending: Pending): Place {
    const place = { id: (id += 1), pending };
    runs.set(place, run);
    return place;
  }

  return {
    start: async (options, now) => {
      const run = createRun(options);
      return stand(run, await run.start(now));
    },
    next: async (place, answer, now) => {
      const run = runs.get(place);
      if (run === undefined) {
        throw new Error("no run stands here");
      }
      return stand(run, await run.answer(answer, now));
    },
  };
}
