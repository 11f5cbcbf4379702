/** What looks at a run beside it: its metrics, its alarms, and what is broken on purpose. */
import type { LocalAws } from "@rollup-vault/local-aws/aws/start";
import type { Events } from "@rollup-vault/local-aws/events/start-events";
import type { Functions } from "@rollup-vault/local-aws/functions";
import { readAssembly } from "@rollup-vault/local-aws/template/assembly";
import { writtenNames } from "@rollup-vault/local-aws/template/queues";
import type { Outputs } from "../outputs";
import type { StackOptions } from "../stack-options";
import { createNeighbours, type Neighbours } from "./neighbours";
import { createOperations, type Operations } from "./operations";

export interface Watch {
  readonly operations: Operations;
  readonly neighbours: Neighbours;
  /** The options with what has to be told. */
  readonly watched: (options: StackOptions) => StackOptions;
  /** Once everything is there. */
  readonly attach: (world: Watched) => void;
  readonly close: () => Promise<void>;
}

export interface Watched {
  readonly aws: Pick<LocalAws, "queueMetrics">;
  readonly events: Pick<Events, "enableQueues">;
  readonly functions: Functions;
  readonly outputs: Pick<Outputs, "faults">;
}

const TICK_MS = 10_000;

/** @param assembly folder of the cloud assembly: its template says what is watched */
export async function startWatch(
  assembly: string,
  now: (() => number) | undefined,
): Promise<Watch> {
  const read = await readAssembly(assembly);
  const operations = createOperations(read.resources, now);
  const queues = writtenNames(read);
  let world: Watched | undefined;
  const neighbours = createNeighbours({
    providerUrl: () => world?.outputs.faults?.url,
    endIdle: async () => {
      const pools = [...(world?.functions.pools.values() ?? [])];
      await Promise.all(pools.map((pool) => pool.endIdle()));
    },
    hasQueues: queues.size > 0,
    functions: (troubles) => world?.functions.trouble(troubles),
    queues: (isEnabled) => world?.events.enableQueues(isEnabled),
  });
  const timer = setInterval(operations.tick, TICK_MS).unref();
  return {
    operations,
    neighbours,
    watched: (options) => ({
      ...options,
      onCall: (call, input) => {
        neighbours.admit(call);
        return options.onCall?.(call, input);
      },
      onLog: (line) => {
        operations.addLine(line.line);
        options.onLog?.(line);
      },
      onInvoked: (invocation) => {
        operations.invoked(invocation);
        options.onInvoked?.(invocation);
      },
    }),
    attach: (next) => {
      world = next;
      operations.watchQueues({ measure: next.aws.queueMetrics, writtenNames: queues });
    },
    close: async () => {
      clearInterval(timer);
      await Promise.resolve();
    },
  };
}
