import { UnavailableError } from "../../lambda/errors";
import type { EpochMs } from "../../lambda/model";
import type { Recovery, RecoveryTask, RenewalQueue } from "../../lambda/ports/queues";
import type { Clock } from "../../lambda/ports/runtime";

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
  /** What any queue may do: bring an item twice. */
  duplicate(kind: RecoveryTask["kind"]): void;
  /** What a standard queue may do: bring items in any order. Those that are ordered stay so. */
  reverse(): void;
  /**
   * Delivers the first item that may be seen by now, of `kind` where it is given; false where
   * there is none. What is not done comes again after `VISIBILITY_MS`.
   */
  deliver(
    consume: (item: QueuedTask) => Promise<"done" | "again">,
    kind?: RecoveryTask["kind"],
  ): Promise<boolean>;
}

/** As lib/recovery-queue.ts has it. */
const VISIBILITY_MS = 15_000;

/** Of those that are brought in their order; undefined: of no group. */
function groupOf({ task }: QueuedTask): string | undefined {
  return task.kind === "spill" || task.kind === "take-over" ? task.grantId : undefined;
}

/**
 * What the two queues of SQS promise, and nothing more: no item is lost until somebody says that
 * it is done; what is ordered is brought only when what was sent before it for the same grant is
 * done, and what was sent once is not taken again.
 */
export function createInMemoryQueue(clock: Clock): InMemoryQueue {
  const items: QueuedTask[] = [];
  const sent = new Set<string>();

  function put(task: RecoveryTask, delaySeconds: number, id?: string): Promise<void> {
    if (queue.isDown) {
      return Promise.reject(new UnavailableError("queue_unavailable"));
    }
    if (id === undefined || !sent.has(id)) {
      items.push({
        task: structuredClone(task),
        visibleAt: clock.now() + delaySeconds * 1000,
        receiveCount: 0,
      });
    }
    if (id !== undefined) {
      sent.add(id);
    }
    return Promise.resolve();
  }

  function isItsTurn(item: QueuedTask): boolean {
    const group = groupOf(item);
    return group === undefined || items.find((other) => groupOf(other) === group) === item;
  }

  const queue: InMemoryQueue = {
    recovery: {
      watch: (task, delaySeconds) => put({ kind: "watch", ...task }, delaySeconds),
      spill: (successor) => put({ kind: "spill", ...successor }, 0),
      takeOver: (task, revision) =>
        put({ kind: "take-over", ...task }, 0, `${task.owner}.${String(revision)}`),
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
      const ordered = items.filter((item) => groupOf(item) !== undefined);
      const others = items.filter((item) => groupOf(item) === undefined);
      items.splice(0, Infinity, ...ordered, ...others.reverse());
    },
    deliver: async (consume, kind) => {
      const item = items.find(
        (one) =>
          one.visibleAt <= clock.now() &&
          (kind === undefined || one.task.kind === kind) &&
          isItsTurn(one),
      );
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
