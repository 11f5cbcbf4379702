/** One queue: what waits, what is out with a receiver and until when, and what has been received too often. */
import { randomBytes, randomUUID } from "node:crypto";
import * as v from "valibot";
import { AwsError } from "./call";
import { createJournal } from "./journal";
import type { QueueSettings } from "./queue-attributes";

const messageSchema = v.object({
  id: v.string(),
  body: v.string(),
  /** Epoch milliseconds, all three. */
  sentAt: v.number(),
  visibleAt: v.number(),
  firstReceivedAt: v.optional(v.number()),
  /** How often since it came to this queue. */
  received: v.number(),
  /** Of the last time that it was received; nobody else's is worth anything. */
  receipt: v.optional(v.string()),
  /** ARN of the queue that it is a dead letter of. */
  source: v.optional(v.string()),
});

export type Message = v.InferOutput<typeof messageSchema>;

export interface QueueOptions {
  /** Undefined: in memory only. */
  readonly path: string | undefined;
  readonly now: () => number;
  readonly settings: () => QueueSettings;
  /** Takes what has been received too often. */
  readonly bury: (message: Message) => void;
}

export interface Queue {
  /** @param delay seconds; undefined: the queue's. @returns the message's id */
  send(body: string, delay: number | undefined): string;
  /** A dead letter of another queue. */
  take(message: Message): void;
  /** @param visibilityTimeout seconds; undefined: the queue's */
  receive(limit: number, visibilityTimeout: number | undefined): Message[];
  /** When the next message can be received, epoch milliseconds; undefined while there is none. */
  nextAt(): number | undefined;
  /** Of a message that was received again meanwhile, nothing happens. */
  delete(receipt: string): void;
  /** @param seconds from now. @throws AwsError MessageNotInflight */
  changeVisibility(receipt: string, seconds: number): void;
  counts(): { readonly visible: number; readonly inFlight: number; readonly delayed: number };
  purge(): void;
  close(): void;
}

export function createQueue({ path, now, settings, bury }: QueueOptions): Queue {
  const messages = createJournal(path, messageSchema);
  const put = (message: Message): void => {
    messages.put(message.id, message);
  };
  const current = (): Message[] => {
    const oldest = now() - settings().retention * 1000;
    const all = [...messages.values()];
    all
      .filter(({ sentAt }) => sentAt < oldest)
      .forEach(({ id }) => {
        messages.delete(id);
      });
    return all.filter(({ sentAt }) => sentAt >= oldest);
  };
  return {
    send: (body, delay = settings().delay) => {
      const id = randomUUID();
      put({ id, body, sentAt: now(), visibleAt: now() + delay * 1000, received: 0 });
      return id;
    },
    take: put,
    receive: (limit, visibilityTimeout = settings().visibilityTimeout) => {
      const due = current().filter(({ visibleAt }) => visibleAt <= now());
      const limitOfReceives = settings().redrive?.maxReceiveCount ?? Infinity;
      for (const dead of due.filter(({ received }) => received >= limitOfReceives)) {
        // There first, then gone from here: a kill in between leaves two, never none.
        bury(dead);
        messages.delete(dead.id);
      }
      const alive = due.filter(({ received }) => received < limitOfReceives).slice(0, limit);
      const handedOut = alive.map((message) => handOut(message, now(), visibilityTimeout));
      handedOut.forEach(put);
      return handedOut;
    },
    nextAt: () => {
      const times = current().map(({ visibleAt }) => visibleAt);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    delete: (receipt) => {
      const message = messages.get(idOf(receipt));
      if (message?.receipt === receipt) {
        messages.delete(message.id);
      }
    },
    changeVisibility: (receipt, seconds) => {
      const message = messages.get(idOf(receipt));
      if (message?.receipt !== receipt || message.visibleAt <= now()) {
        throw new AwsError("MessageNotInflight", "The specified message isn't in flight.");
      }
      put({ ...message, visibleAt: now() + seconds * 1000 });
    },
    counts: () => count(current(), now()),
    purge: () => {
      [...messages.values()].forEach(({ id }) => {
        messages.delete(id);
      });
    },
    close: () => {
      messages.close();
    },
  };
}

function handOut(message: Message, now: number, visibilityTimeout: number): Message {
  return {
    ...message,
    visibleAt: now + visibilityTimeout * 1000,
    firstReceivedAt: message.firstReceivedAt ?? now,
    received: message.received + 1,
    receipt: `${message.id}.${randomBytes(16).toString("base64url")}`,
  };
}

/** @throws AwsError ReceiptHandleIsInvalid */
function idOf(receipt: string): string {
  const [, id] = /^([0-9a-f-]{36})\.[\w-]{22}$/.exec(receipt) ?? [];
  if (id === undefined) {
    throw new AwsError("ReceiptHandleIsInvalid", "The specified receipt handle isn't valid.");
  }
  return id;
}

function count(messages: readonly Message[], now: number): ReturnType<Queue["counts"]> {
  const waiting = messages.filter(({ visibleAt }) => visibleAt > now);
  const inFlight = waiting.filter(({ receipt }) => receipt !== undefined).length;
  return {
    visible: messages.length - waiting.length,
    inFlight,
    delayed: waiting.length - inFlight,
  };
}
