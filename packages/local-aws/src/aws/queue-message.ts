/** A message of a queue, as its journal has it. */
import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { AwsError } from "./call";

export const messageSchema = v.object({
  id: v.string(),
  body: v.string(),
  /** Epoch milliseconds, all three. */
  sentAt: v.number(),
  visibleAt: v.number(),
  firstReceivedAt: v.optional(v.number()),
  /** How often since it came to this queue. */
  received: v.number(),
  /** Of its last receive; an earlier receipt deletes nothing. */
  receipt: v.optional(v.string()),
  /** When it became a dead letter, epoch milliseconds. */
  buriedAt: v.optional(v.number()),
  /** ARN of the queue that it is a dead letter of. */
  source: v.optional(v.string()),
  /** On FIFO queues. */
  fifo: v.optional(
    v.object({ group: v.string(), deduplicationId: v.string(), sequence: v.number() }),
  ),
  /** No message any more: it stands here for as long as its deduplication ID is remembered. */
  gone: v.optional(v.literal(true)),
});

export type Message = v.InferOutput<typeof messageSchema>;

export function isInFlight({ visibleAt, receipt }: Message, now: number): boolean {
  return visibleAt > now && receipt !== undefined;
}

export function handOut(message: Message, now: number, visibilityTimeout: number): Message {
  return {
    ...message,
    visibleAt: now + visibilityTimeout * 1000,
    firstReceivedAt: message.firstReceivedAt ?? now,
    received: message.received + 1,
    receipt: `${message.id}.${randomBytes(16).toString("base64url")}`,
  };
}

/** @throws AwsError ReceiptHandleIsInvalid */
export function idOf(receipt: string): string {
  const [, id] = /^([0-9a-f-]{36})\.[\w-]{22}$/.exec(receipt) ?? [];
  if (id === undefined) {
    throw new AwsError("ReceiptHandleIsInvalid", "The specified receipt handle isn't valid.");
  }
  return id;
}

/** After so many receives a standard queue puts a message behind the others. */
const RECEIVES_IN_FRONT = 3;

/**
 * CloudWatch's `ApproximateAgeOfOldestMessage` (SQS Developer Guide, "Available CloudWatch metrics
 * for Amazon SQS"): a message that is received again and again does not count, except on a FIFO
 * queue, where it blocks its group.
 */
export function ageOfOldest(messages: readonly Message[], now: number): number {
  const since = messages
    .filter(({ fifo, received }) => fifo !== undefined || received <= RECEIVES_IN_FRONT)
    .map(({ sentAt, buriedAt }) => buriedAt ?? sentAt);
  return Math.max(0, now - Math.min(now, ...since));
}

export interface Counts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export function count(messages: readonly Message[], now: number): Counts {
  const waiting = messages.filter(({ visibleAt }) => visibleAt > now);
  const inFlight = waiting.filter((message) => isInFlight(message, now)).length;
  return {
    visible: messages.length - waiting.length,
    inFlight,
    delayed: waiting.length - inFlight,
  };
}
