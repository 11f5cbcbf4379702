/**
 * Time that moves only when nobody has anything left to do: a day of a hundred thousand calls in
 * seconds, always in the same order.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { EpochMs } from "../../../lambda/model";
import type { Clock, Timer } from "../../../lambda/ports/runtime";

interface Event {
  readonly at: EpochMs;
  readonly serial: number;
  readonly act: () => void;
}

export interface VirtualClock extends Clock, Timer {
  at(time: EpochMs, act: () => void): void;
  /** Runs what is planned until then, each after the consequences of the one before. */
  run(until: EpochMs): Promise<void>;
}

export function createVirtualClock(start: EpochMs): VirtualClock {
  const heap: Event[] = [];
  let now = start;
  let serial = 0;

  function at(time: EpochMs, act: () => void): void {
    serial += 1;
    push(heap, { at: Math.max(now, Math.ceil(time)), serial, act });
  }

  return {
    now: () => now,
    at,
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        at(now + milliseconds, resolve);
      }),
    run: async (until) => {
      for (let next = heap[0]; next !== undefined && next.at <= until; next = heap[0]) {
        now = next.at;
        while (heap[0]?.at === now) {
          pop(heap)?.act();
        }
        // All promises that this has settled have run when the event loop comes round.
        await nextTurn();
      }
      now = until;
    },
  };
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.serial < other.serial);
}

function push(heap: Event[], event: Event): void {
  let index = heap.push(event) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || isBefore(above, event)) {
      break;
    }
    heap[index] = above;
    index = parent;
  }
  heap[index] = event;
}

function pop(heap: Event[]): Event | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (last === undefined || heap.length === 0) {
    return first;
  }
  let index = 0;
  for (;;) {
    const left = heap[2 * index + 1];
    const right = heap[2 * index + 2];
    const isRight = right !== undefined && left !== undefined && isBefore(right, left);
    const child = isRight ? right : left;
    if (child === undefined || isBefore(last, child)) {
      break;
    }
    heap[index] = child;
    index = 2 * index + (isRight ? 2 : 1);
  }
  heap[index] = last;
  return first;
}
