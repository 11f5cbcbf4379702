/**
 * The rules of FIFO queues (SQS Developer Guide, "FIFO queue delivery logic" and "Exactly-once
 * processing"). A message of a standard queue is a group of its own here, so that order and
 * blocking need one code only.
 */
import { createHash } from "node:crypto";
import * as v from "valibot";
import { AwsError } from "./call";
import { isInFlight, type Message } from "./queue-message";

/** As on the wire. */
export const fifoSettingsSchema = v.pipe(
  v.object({
    ContentBasedDeduplication: v.picklist(["true", "false"]),
    DeduplicationScope: v.picklist(["queue", "messageGroup"]),
    /** Shown, and nothing else: there are no quotas here. */
    FifoThroughputLimit: v.picklist(["perQueue", "perMessageGroupId"]),
  }),
  v.forward(
    v.check(
      ({ DeduplicationScope: scope, FifoThroughputLimit: limit }) =>
        limit === "perQueue" || scope === "messageGroup",
    ),
    ["FifoThroughputLimit"],
  ),
);

export type FifoSettings = v.InferOutput<typeof fifoSettingsSchema>;

/** AWS's defaults. */
const DEFAULT_FIFO: FifoSettings = {
  ContentBasedDeduplication: "false",
  DeduplicationScope: "queue",
  FifoThroughputLimit: "perQueue",
};

/**
 * @returns undefined for a standard queue.
 * @throws AwsError InvalidParameterValue where name and kind do not fit
 */
export function fifoOfNew(
  name: string,
  { FifoQueue }: Readonly<Record<string, string>>,
): FifoSettings | undefined {
  const isNamedSo = name.endsWith(".fifo");
  if (isNamedSo ? FifoQueue === undefined : FifoQueue === "true") {
    throw refused("The name of a FIFO queue, and of no other, ends with .fifo.");
  }
  return isNamedSo ? DEFAULT_FIFO : undefined;
}

export function isFifoAttribute(name: string): boolean {
  return name === "FifoQueue" || Object.hasOwn(DEFAULT_FIFO, name);
}

/** What has another name is left to others. @throws AwsError InvalidAttributeValue */
export function changeFifo(
  settings: FifoSettings,
  attributes: Readonly<Record<string, string>>,
): FifoSettings {
  const { FifoQueue = "true" } = attributes;
  const parsed = v.safeParse(fifoSettingsSchema, { ...settings, ...attributes });
  if (!parsed.success || FifoQueue !== "true") {
    const name = parsed.success ? "FifoQueue" : (v.getDotPath(parsed.issues[0]) ?? "");
    throw new AwsError("InvalidAttributeValue", `Invalid value for the parameter ${name}.`);
  }
  return parsed.output;
}

export function showFifo(settings: FifoSettings | undefined): Record<string, string> {
  return settings === undefined ? {} : { FifoQueue: "true", ...settings };
}

export interface Ticket {
  readonly group: string;
  readonly deduplicationId: string;
}

interface Sent {
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
}

/**
 * @returns undefined on a standard queue.
 * @throws AwsError MissingParameter, InvalidParameterValue
 */
export function readTicket(settings: FifoSettings | undefined, sent: Sent): Ticket | undefined {
  const { MessageGroupId: group, MessageDeduplicationId: given, DelaySeconds: delay = 0 } = sent;
  if (settings === undefined) {
    if (group !== undefined || given !== undefined) {
      throw refused("MessageGroupId and MessageDeduplicationId are for FIFO queues here.");
    }
    return undefined;
  }
  if (group === undefined) {
    throw new AwsError(
      "MissingParameter",
      "The request must contain the parameter MessageGroupId.",
    );
  }
  // Nothing is delayed by zero, and AWS takes it.
  if (delay > 0) {
    throw refused("DelaySeconds is not valid for this queue type.");
  }
  const isHashed = settings.ContentBasedDeduplication === "true";
  const deduplicationId = given ?? (isHashed ? sha256(sent.MessageBody) : undefined);
  if (deduplicationId === undefined) {
    throw refused("There is neither ContentBasedDeduplication nor a MessageDeduplicationId.");
  }
  if (![group, deduplicationId].every((id) => /^[!-~]{1,128}$/.test(id))) {
    throw refused("MessageGroupId or MessageDeduplicationId has invalid characters or length.");
  }
  return { group, deduplicationId };
}

const DEDUPLICATION_MS = 5 * 60_000;

/** A dead letter was sent to another queue, and is remembered there. */
export function isRemembered({ fifo, source, sentAt }: Message, now: number): boolean {
  return fifo !== undefined && source === undefined && now - sentAt < DEDUPLICATION_MS;
}

/** @returns what was sent before with the same deduplication ID, deleted or not */
export function findFirst(
  messages: Iterable<Message>,
  { group, deduplicationId }: Ticket,
  { settings, now }: { readonly settings: FifoSettings | undefined; readonly now: number },
): Message | undefined {
  return [...messages].find(
    (one) =>
      one.fifo?.deduplicationId === deduplicationId &&
      (settings?.DeduplicationScope !== "messageGroup" || one.fifo.group === group) &&
      isRemembered(one, now),
  );
}

/** Rises by the message, over restarts too. */
export function createSequence(messages: Iterable<Message>, now: () => number): () => number {
  let last = Math.max(0, ...[...messages].map(({ fifo }) => fifo?.sequence ?? 0));
  return () => (last = Math.max(last + 1, now() * 1000));
}

/**
 * A FIFO queue counts the age of a dead letter from its arrival ("Setting-up dead-letter queue
 * retention").
 */
export function asArrival(letter: Message, now: number, sequence: () => number): Message {
  const { fifo } = letter;
  return fifo === undefined
    ? letter
    : { ...letter, sentAt: now, fifo: { ...fifo, sequence: sequence() } };
}

function groupOf({ id, fifo }: Message): string {
  return fifo?.group ?? id;
}

/**
 * What may be handed out, in order: of a group, what stands before its first delayed message, and
 * nothing while any of it is in flight.
 * @param messages in the order in which they came
 */
export function due(messages: readonly Message[], now: number): Message[] {
  const blocked = new Set(messages.filter((one) => isInFlight(one, now)).map(groupOf));
  return messages.filter((one) => {
    if (one.visibleAt > now) {
      blocked.add(groupOf(one));
    }
    return !blocked.has(groupOf(one));
  });
}

/**
 * When {@link due} has something, if no call comes before then; undefined where there is no
 * message.
 */
export function nextDue(messages: readonly Message[], now: number): number | undefined {
  const times = new Map<string, number>();
  for (const one of messages) {
    const time = times.get(groupOf(one));
    if (time === undefined || isInFlight(one, now)) {
      times.set(groupOf(one), Math.max(time ?? 0, one.visibleAt));
    }
  }
  return times.size === 0 ? undefined : Math.min(...times.values());
}

/** A standard queue deletes by an expired receipt, too. @throws AwsError InvalidParameterValue */
export function assertHeld(message: Message, receipt: string, now: number): void {
  const isHeld = message.receipt === receipt && message.visibleAt > now;
  if (message.fifo !== undefined && message.gone === undefined && !isHeld) {
    throw refused("The receipt handle has expired.");
  }
}

function refused(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
