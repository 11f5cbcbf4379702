/**
 * The instances of one function: started on demand, kept when idle, each busy with one event at a
 * time. Beyond the limit events wait for a free instance: this machine has fewer processes than
 * Lambda. What Lambda itself would turn away never comes here (`functions.ts`).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { FunctionError, type FunctionSpec } from "./function-spec";
import { type Instance, type InstanceOptions, startInstance } from "./instance";

export interface FunctionPool {
  /**
   * @param event anything that JSON can carry
   * @returns what the handler answered, parsed
   * @throws FunctionError
   */
  invoke(event: unknown): Promise<unknown>;
  /** Processes that run now, and that were ever started. */
  counts(): { readonly alive: number; readonly started: number };
  /**
   * Ends those that have nothing to do, as Lambda does when it likes: the next event meets a fresh
   * one.
   */
  endIdle(): Promise<void>;
  /** Ends every process, also one that hangs; resolves when they are gone. */
  close(): Promise<void>;
}

export interface FunctionPoolOptions extends InstanceOptions {
  /** Instances at most, below the template's reserved concurrency. */
  readonly concurrency: number;
}

const RETURN_MS = 500;

interface Waiter {
  readonly resolve: (instance: Promise<Instance>) => void;
  readonly reject: (error: Error) => void;
}

interface State {
  readonly start: () => Promise<Instance>;
  readonly limit: number;
  readonly idle: Set<Instance>;
  readonly alive: Set<Instance>;
  readonly starting: Set<Promise<Instance>>;
  readonly queue: Waiter[];
  /** Instances that run or are about to. */
  taken: number;
  started: number;
  closed: boolean;
}

export function createFunctionPool(spec: FunctionSpec, options: FunctionPoolOptions): FunctionPool {
  const state: State = {
    start: () => startInstance(spec, options),
    limit: Math.max(1, Math.min(options.concurrency, spec.reservedConcurrency ?? Infinity)),
    idle: new Set(),
    alive: new Set(),
    starting: new Set(),
    queue: [],
    taken: 0,
    started: 0,
    closed: false,
  };
  const stopped = () => new FunctionError(spec.name, "stopped");
  return {
    invoke: async (event) => {
      if (state.closed) {
        throw stopped();
      }
      return await invoke(state, JSON.stringify(event));
    },
    counts: () => ({ alive: state.alive.size, started: state.started }),
    endIdle: async () => {
      const idle = [...state.idle];
      state.idle.clear();
      await end(idle);
    },
    close: () => close(state, stopped()),
  };
}

async function invoke(state: State, payload: string): Promise<unknown> {
  const instance = await acquire(state);
  try {
    return JSON.parse(await instance.invoke(payload)) as unknown;
  } finally {
    // It asks for more a millisecond after its answer: so events in a row share an instance.
    await Promise.race([release(state, instance), sleep(RETURN_MS, undefined, { ref: false })]);
  }
}

async function acquire(state: State): Promise<Instance> {
  const [instance] = state.idle;
  if (instance !== undefined) {
    state.idle.delete(instance);
    return instance;
  }
  if (state.taken < state.limit) {
    return await startNew(state);
  }
  return await new Promise<Instance>((resolve, reject) => {
    state.queue.push({ resolve, reject });
  });
}

function startNew(state: State): Promise<Instance> {
  state.taken += 1;
  state.started += 1;
  const starting = state.start().then((instance) => admit(state, instance));
  state.starting.add(starting);
  const settle = () => state.starting.delete(starting);
  starting.then(settle, () => {
    settle();
    state.taken -= 1;
  });
  return starting;
}

function admit(state: State, instance: Instance): Instance {
  state.alive.add(instance);
  void instance.ended.then(() => {
    state.alive.delete(instance);
    state.idle.delete(instance);
    state.taken -= 1;
    serveNext(state);
  });
  return instance;
}

async function release(state: State, instance: Instance): Promise<void> {
  if (!(await instance.ready())) {
    return;
  }
  const waiter = state.queue.shift();
  if (waiter === undefined) {
    state.idle.add(instance);
  } else {
    waiter.resolve(Promise.resolve(instance));
  }
}

/** An instance died, so there is room for another one. */
function serveNext(state: State): void {
  if (state.queue.length > 0 && state.taken < state.limit && !state.closed) {
    state.queue.shift()?.resolve(startNew(state));
  }
}

async function close(state: State, reason: Error): Promise<void> {
  state.closed = true;
  for (const waiter of state.queue.splice(0)) {
    waiter.reject(reason);
  }
  await Promise.allSettled(state.starting);
  await end([...state.alive]);
}

async function end(instances: readonly Instance[]): Promise<void> {
  for (const instance of instances) {
    instance.kill();
  }
  await Promise.all(instances.map((instance) => instance.ended));
}
