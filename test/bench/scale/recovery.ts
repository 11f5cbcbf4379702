/**
 * The recovery queues and their consumers, as lib/background-functions.ts deploys them: a number of
 * instances for each queue, batches, and one message at a time of each group.
 */
import type { Recovery, RecoveryTask } from "../../../lambda/ports/queues";
import type { createRecover } from "../../../lambda/refresh/recover";
import { SILENT } from "./functions";
import type { Scenario } from "./scenario";
import type { VirtualClock } from "./virtual-clock";

/** Messages that one instance works at in parallel. */
export const BATCH_SIZE = 5;
/** Instances of a queue at least. */
const MIN_CONCURRENCY = 2;

export interface Consumers {
  readonly watching: number;
  readonly ordered: number;
}

/** @param most the stage's `recoveryConcurrency` */
export function consumersOf(most: number): Consumers {
  const watching = Math.max(MIN_CONCURRENCY, Math.floor(most / 3));
  return { watching, ordered: Math.max(MIN_CONCURRENCY, most - watching) };
}

type Recover = ReturnType<typeof createRecover>;

interface Message {
  readonly task: RecoveryTask;
  readonly group: string | undefined;
  receives: number;
}

export interface RecoveryOptions {
  readonly clock: VirtualClock;
  /** Made later: it sends to these queues itself. */
  readonly recover: () => Recover;
  /** In messages that are worked at in parallel, and in agents. */
  readonly slots: Consumers;
  /** Milliseconds. */
  readonly timeoutMs: number;
}

export interface RecoveryQueues extends Recovery {
  /** Messages that are not done. */
  backlog(): number;
}

export function createRecoveryQueues(options: RecoveryOptions): RecoveryQueues {
  const { clock, slots } = options;
  const watching = createQueue(options, slots.watching);
  const ordered = createQueue(options, slots.ordered);
  const sent = new Set<string>();

  /** SQS drops a second message of the same id for five minutes; ids do not come back here. */
  async function sendOnce(task: RecoveryTask & { grantId: string }, id: string): Promise<void> {
    if (!sent.has(id)) {
      sent.add(id);
      ordered.put({ task, group: task.grantId, receives: 0 });
    }
    await Promise.resolve();
  }

  return {
    watch: async (task, delaySeconds) => {
      clock.at(clock.now() + delaySeconds * 1000, () => {
        watching.put({ task: { kind: "watch", ...task }, group: undefined, receives: 0 });
      });
      await Promise.resolve();
    },
    spill: async (task) => {
      await sendOnce({ kind: "spill", ...task }, `s ${task.owner}`);
    },
    takeOver: async (task, revision) => {
      await sendOnce({ kind: "take-over", ...task }, `t ${task.owner} ${String(revision)}`);
    },
    backlog: () => watching.backlog() + ordered.backlog(),
  };
}

function createQueue({ clock, recover, timeoutMs }: RecoveryOptions, slots: number) {
  const visible: Message[] = [];
  const waiting = new Map<string, Message[]>();
  let busy = 0;
  let undone = 0;

  function put(message: Message): void {
    undone += 1;
    const behind = message.group === undefined ? undefined : waiting.get(message.group);
    if (behind !== undefined) {
      behind.push(message);
      return;
    }
    if (message.group !== undefined) {
      waiting.set(message.group, []);
    }
    visible.push(message);
    pump();
  }

  function pump(): void {
    while (busy < slots) {
      const message = visible.shift();
      if (message === undefined) {
        return;
      }
      busy += 1;
      void work(message);
    }
  }

  async function work(message: Message): Promise<void> {
    message.receives += 1;
    const deadline = clock.now() + timeoutMs;
    const { task, receives: receiveCount } = message;
    const outcome = await recover()({ task, receiveCount, deadline, log: SILENT });
    busy -= 1;
    if (outcome === "again") {
      // Visible again when the visibility timeout is over, which is the function's timeout.
      clock.at(deadline, () => {
        visible.push(message);
        pump();
      });
    } else {
      finish(message);
    }
    pump();
  }

  function finish({ group }: Message): void {
    undone -= 1;
    if (group === undefined) {
      return;
    }
    const next = waiting.get(group)?.shift();
    if (next === undefined) {
      waiting.delete(group);
    } else {
      visible.push(next);
    }
  }

  return { put, backlog: () => undone };
}

/** Messages in parallel, in agents; never less than one. */
export function slotsOf({ stage: { recoveryConcurrency = 6 } }: Scenario, weight: number) {
  const { watching, ordered } = consumersOf(recoveryConcurrency);
  const inAgents = (instances: number) => Math.max(1, (instances * BATCH_SIZE) / weight);
  return { watching: inAgents(watching), ordered: inAgents(ordered) };
}
