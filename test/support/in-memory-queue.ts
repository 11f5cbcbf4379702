import { UnavailableError } from "../../lambda/errors";
import type { EpochMs } from "../../lambda/model";
import type { Clock, Recovery, RecoveryTask, RenewalQueue } from "../../lambda/ports";

export interface QueuedTask {
  readonly task: RecoveryTask;
  visibleAt: EpochMs;
  receiveCount: number;
}

export interface InMemoryQueue {
  readonly recovery: Recovery;
  readonly renewals: RenewalQueue;
  /** In the order in which they will be delivered; a test may copy, move and drop them. */
  readonly items: QueuedTask[];
  /** Refuses everything while true. */
  isDown: boolean;
  /** What a standard queue may do: bring an item twice. */
  duplicate(kind: RecoveryTask["kind"]): void;
  /** What a standard queue may do: bring items in any order. */
  reverse(): void;
  /** Delivers the first item that may be seen by now; false where there is none. What is not done comes again after `VISIBILITY_MS`. */
  deliver(consume: (item: QueuedTask) => Promise<"done" | "again">): Promise<boolean>;
}

/** As lib/data-stack.ts has it. */
export const VISIBILITY_MS = 20_000;

/** What a standard SQS queue promises, and nothing more: no item is lost until somebody says that it is done. */
export function createInMemoryQueue(clock: Clock): InMemoryQueue {
  const items: QueuedTask[] = [];

  function put(task: RecoveryTask, delaySeconds: number): Promise<void> {
    if (queue.isDown) {
      return Promise.reject(new UnavailableError("queue_unavailable"));
    }
    items.push({
      task: structuredClone(task),
      visibleAt: clock.now() + delaySeconds * 1000,
      receiveCount: 0,
    });
    return Promise.resolve();
  }

  const queue: InMemoryQueue = {
    recovery: {
      watch: (task, delaySeconds) => put({ kind: "watch", ...task }, delaySeconds),
      spill: (successor) => put({ kind: "spill", ...successor }, 0),
    },
    renewals: {
      renew: async (tasks) => {
        for (const { sub, delaySeconds } of tasks) {
          await put({ kind: "renew", sub }, delaySeconds);
        }
      },
    },
    items,
    isDown: false,
    duplicate: (kind) => {
      items.push(...items.filter(({ task }) => task.kind === kind).map((item) => ({ ...item })));
    },
    reverse: () => {
      items.reverse();
    },
    deliver: async (consume) => {
      const item = items.find(({ visibleAt }) => visibleAt <= clock.now());
      if (item === undefined) {
        return false;
      }
      item.receiveCount += 1;
      item.visibleAt = clock.now() + VISIBILITY_MS;
      if ((await consume(item)) === "done") {
        items.splice(items.indexOf(item), 1);
      }
      return true;
    },
  };
  return queue;
}
