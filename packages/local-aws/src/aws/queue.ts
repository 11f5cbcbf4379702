/**
 * One queue: what waits, what is out with a receiver and until when, and what has been received
 * too often.
 */
import { randomUUID } from "node:crypto";
import {
  asArrival,
  assertHeld,
  createSequence,
  due,
  findFirst,
  isRemembered,
  nextDue,
  type Ticket,
} from "./fifo";
import { createJournal } from "./journal";
import type { QueueSettings } from "./queue-attributes";
import {
  ageOfOldest,
  count,
  type Counts,
  handOut,
  idOf,
  type Message,
  messageSchema,
} from "./queue-message";

export interface QueueOptions {
  /** Undefined: in memory only. */
  readonly path: string | undefined;
  readonly now: () => number;
  readonly settings: () => QueueSettings;
  /** Takes what has been received too often. */
  readonly bury: (message: Message) => void;
}

export interface Queue {
  /**
   * @param delay seconds; undefined: the queue's
   * @param ticket on a FIFO queue
   * @returns the message; of a duplicate, the one that was sent first
   */
  send(body: string, delay: number | undefined, ticket?: Ticket): Message;
  /** A dead letter of another queue. */
  take(message: Message): void;
  /** @param visibilityTimeout seconds; undefined: the queue's */
  receive(limit: number, visibilityTimeout: number | undefined): Message[];
  /** When the next message can be received, epoch milliseconds; undefined while there is none. */
  nextAt(): number | undefined;
  /**
   * Of a message that was received again meanwhile, nothing happens.
   * @throws AwsError InvalidParameterValue on a FIFO queue, also once the visibility timeout is
   *   over
   */
  delete(receipt: string): void;
  counts(): Counts;
  /** Milliseconds. */
  ageOfOldest(): number;
  close(): void;
}

export function createQueue({ path, now, settings, bury }: QueueOptions): Queue {
  const messages = createJournal(path, messageSchema);
  const sequence = createSequence(messages.values(), now);
  const put = (message: Message): void => {
    messages.put(message.id, message);
  };
  const remove = (message: Message): void => {
    if (!isRemembered(message, now())) {
      messages.delete(message.id);
    } else if (message.gone === undefined) {
      put({ ...message, body: "", receipt: undefined, gone: true });
    }
  };
  const current = (): Message[] => {
    const oldest = now() - settings().retention * 1000;
    const isOver = ({ gone, sentAt }: Message): boolean => gone === true || sentAt < oldest;
    const all = [...messages.values()];
    all.filter(isOver).forEach(remove);
    return all.filter((message) => !isOver(message));
  };
  return {
    send: (body, delay = settings().delay, ticket) => {
      const memory = { settings: settings().fifo, now: now() };
      const first = ticket && findFirst(messages.values(), ticket, memory);
      const message: Message = first ?? {
        id: randomUUID(),
        body,
        sentAt: now(),
        visibleAt: now() + delay * 1000,
        received: 0,
        ...(ticket && { fifo: { ...ticket, sequence: sequence() } }),
      };
      if (first === undefined) {
        put(message);
      }
      return message;
    },
    take: (letter) => {
      put(asArrival(letter, now(), sequence));
    },
    receive: (limit, visibilityTimeout = settings().visibilityTimeout) => {
      const receivable = due(current(), now());
      const limitOfReceives = settings().redrive?.maxReceiveCount ?? Infinity;
      for (const dead of receivable.filter(({ received }) => received >= limitOfReceives)) {
        // There first, then gone from here: a kill in between leaves two, never none.
        bury(dead);
        remove(dead);
      }
      const handedOut = receivable
        .filter(({ received }) => received < limitOfReceives)
        .slice(0, limit)
        .map((message) => handOut(message, now(), visibilityTimeout));
      handedOut.forEach(put);
      return handedOut;
    },
    nextAt: () => nextDue(current(), now()),
    delete: (receipt) => {
      const message = messages.get(idOf(receipt));
      if (message !== undefined) {
        assertHeld(message, receipt, now());
      }
      if (message?.receipt === receipt) {
        remove(message);
      }
    },
    counts: () => count(current(), now()),
    ageOfOldest: () => ageOfOldest(current(), now()),
    close: () => {
      messages.close();
    },
  };
}
