/** The actions of the local SQS. It refuses message attributes, which it does not store. */
import { createHash } from "node:crypto";
import * as v from "valibot";
import { AwsError, LOCAL_ACCOUNT, localArn } from "./call";
import { readTicket } from "./fifo";
import { type JsonAction, jsonAction } from "./json-action";
import type { Input } from "./json-protocol";
import type { Queue } from "./queue";
import { showSettings } from "./queue-attributes";
import type { Message } from "./queue-message";
import type { Queues } from "./queues";
import { batchAction } from "./sqs-batch";

const url = v.object({ QueueUrl: v.string() });
const name = v.object({ QueueName: v.pipe(v.string(), v.regex(/^(?=.{1,80}$)[\w-]+(\.fifo)?$/)) });
const attributes = v.record(v.string(), v.string());
const seconds = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max));
/** Refused rather than lost. */
const none = v.optional(v.strictObject({}));

const send = v.object({
  MessageBody: v.pipe(v.string(), v.nonEmpty()),
  DelaySeconds: v.optional(seconds(900)),
  MessageGroupId: v.optional(v.string()),
  MessageDeduplicationId: v.optional(v.string()),
  MessageAttributes: none,
  MessageSystemAttributes: none,
});
const receipt = v.object({ ReceiptHandle: v.string() });
const names = v.optional(v.array(v.string()), []);
const receive = v.object({
  ...url.entries,
  MaxNumberOfMessages: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(10)), 1),
  VisibilityTimeout: v.optional(seconds(43_200)),
  WaitTimeSeconds: v.optional(seconds(20)),
  ReceiveRequestAttemptId: v.optional(v.never()),
  AttributeNames: names,
  MessageSystemAttributeNames: names,
});

/** The last part of a queue's URL, or the name that is asked for. */
export function queueName({ QueueUrl, QueueName }: Input): string {
  const text = QueueUrl ?? QueueName;
  return typeof text === "string" ? text.slice(text.lastIndexOf("/") + 1) : "";
}

/** `QueueUrl` of an answer is a path: what is before it depends on where the caller is. */
export function queueActions(queues: Queues): Record<string, JsonAction> {
  const of = (input: { readonly QueueUrl: string }): Queue => queues.get(queueName(input));
  const withUrl = <E extends v.ObjectEntries>(schema: v.ObjectSchema<E, undefined>) =>
    v.object({ ...url.entries, ...schema.entries });
  return {
    ...queueAdministration(queues),
    SendMessage: jsonAction(withUrl(send), (input) => sendTo(queues, queueName(input), input)),
    SendMessageBatch: batchAction(send, ({ QueueUrl }, entry) =>
      sendTo(queues, queueName({ QueueUrl }), entry),
    ),
    ReceiveMessage: jsonAction(receive, (input) => {
      const wanted = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
      const found = of(input).receive(input.MaxNumberOfMessages, input.VisibilityTimeout);
      return found.length === 0 ? {} : { Messages: found.map((one) => showMessage(one, wanted)) };
    }),
    DeleteMessage: jsonAction(withUrl(receipt), (input) => {
      of(input).delete(input.ReceiptHandle);
      return {};
    }),
    DeleteMessageBatch: batchAction(receipt, (input, entry) => {
      of(input).delete(entry.ReceiptHandle);
      return {};
    }),
  };
}

function queueAdministration(queues: Queues): Record<string, JsonAction> {
  const create = v.object({ ...name.entries, Attributes: v.optional(attributes, {}) });
  const change = v.object({ ...url.entries, Attributes: attributes });
  return {
    CreateQueue: jsonAction(create, ({ QueueName, Attributes }) => {
      queues.create(QueueName, Attributes);
      return { QueueUrl: `/${LOCAL_ACCOUNT}/${QueueName}` };
    }),
    GetQueueUrl: jsonAction(name, ({ QueueName }) => {
      queues.settings(QueueName);
      return { QueueUrl: `/${LOCAL_ACCOUNT}/${QueueName}` };
    }),
    SetQueueAttributes: jsonAction(change, (input) => {
      queues.change(queueName(input), input.Attributes);
      return {};
    }),
    GetQueueAttributes: jsonAction(v.object({ ...url.entries, AttributeNames: names }), (input) => {
      const { AttributeNames: wanted } = input;
      return { Attributes: pick(showQueue(queues, queueName(input)), wanted) };
    }),
  };
}

/** Outside of these a body cannot be carried (SQS API, `SendMessage`). */
const UNCARRIABLE = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function sendTo(
  queues: Queues,
  queue: string,
  sent: v.InferOutput<typeof send>,
): Readonly<Record<string, unknown>> {
  const { MessageBody: body, DelaySeconds: delay } = sent;
  const settings = queues.settings(queue);
  if (UNCARRIABLE.test(body)) {
    throw new AwsError("InvalidMessageContents", "Invalid characters were found in the body.");
  }
  if (Buffer.byteLength(body) > settings.maximumMessageSize) {
    throw new AwsError("InvalidParameterValue", "The message is longer than the queue allows.");
  }
  const ticket = readTicket(settings.fifo, sent);
  const { id, fifo } = queues.get(queue).send(body, ticket ? undefined : delay, ticket);
  return {
    MessageId: id,
    MD5OfMessageBody: md5(body),
    ...(fifo && { SequenceNumber: showSequence(fifo.sequence) }),
  };
}

function showQueue(queues: Queues, queue: string): Record<string, string> {
  const { visible, inFlight, delayed } = queues.get(queue).counts();
  return {
    ...showSettings(queues.settings(queue)),
    QueueArn: localArn("sqs", queue),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
}

function showMessage(message: Message, wanted: readonly string[]): object {
  const { id, receipt: handle, body, sentAt, firstReceivedAt, received, source, fifo } = message;
  const all = {
    SenderId: LOCAL_ACCOUNT,
    SentTimestamp: String(sentAt),
    ApproximateReceiveCount: String(received),
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
    ...(source !== undefined && { DeadLetterQueueSourceArn: source }),
    ...(fifo && {
      MessageGroupId: fifo.group,
      MessageDeduplicationId: fifo.deduplicationId,
      SequenceNumber: showSequence(fifo.sequence),
    }),
  };
  return {
    MessageId: id,
    ReceiptHandle: handle,
    Body: body,
    MD5OfBody: md5(body),
    ...(wanted.length > 0 && { Attributes: pick(all, wanted) }),
  };
}

/** Twenty digits, as AWS's, so that their order as text is theirs as numbers. */
function showSequence(sequence: number): string {
  return String(sequence).padStart(20, "0");
}

function pick(all: Record<string, string>, wanted: readonly string[]): Record<string, string> {
  return wanted.includes("All")
    ? all
    : Object.fromEntries(Object.entries(all).filter(([attribute]) => wanted.includes(attribute)));
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
