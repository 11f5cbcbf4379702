/** A local SQS on disk, by virtual time, and the actions that the tests of its FIFO queues call. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAction } from "../../src/aws/json-action";
import { createQueues } from "../../src/aws/queues";
import { queueActions } from "../../src/aws/sqs-actions";

export interface Received {
  readonly Body: string;
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

/** What the actions answer, each of them some of it. */
export interface Answer {
  readonly MessageId?: string;
  readonly SequenceNumber?: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly Messages?: Received[];
}

export type SqsByHand = ReturnType<typeof createSqsByHand>;

/** Calls go to the queue `jobs.fifo`, where their options name no other. */
export function createSqsByHand() {
  const folder = mkdtempSync(join(tmpdir(), "fifo-"));
  let now = Date.UTC(2026, 0, 1);
  const open = () => createQueues(folder, () => now);
  let queues = open();
  const call = (action: string, input: object): Answer =>
    runAction(queueActions(queues), action, { QueueUrl: "/0/jobs.fifo", ...input });
  const receive = (options: object = {}): Received[] => {
    const wanted = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All"], ...options };
    return call("ReceiveMessage", wanted).Messages ?? [];
  };
  return {
    folder,
    call,
    receive,
    now: () => now,
    wait: (milliseconds: number): void => {
      now += milliseconds;
    },
    /** @param write changes the folder meanwhile */
    restart: (write: () => void = () => undefined): void => {
      queues.close();
      write();
      queues = open();
    },
    close: (): void => {
      queues.close();
      rmSync(folder, { recursive: true });
    },
    /** Milliseconds until there is something to receive. */
    nextIn: (): number => (queues.get("jobs.fifo").nextAt() ?? Infinity) - now,
    /** @returns the name of the error */
    refusal: (action: string, input: object): string => {
      try {
        call(action, input);
        return "none";
      } catch (error) {
        return (error as Error).name;
      }
    },
    create: (attributes: object = {}, QueueName = "jobs.fifo"): void => {
      call("CreateQueue", { QueueName, Attributes: { FifoQueue: "true", ...attributes } });
    },
    /** @param id of deduplication */
    send: (MessageBody: string, MessageGroupId = MessageBody.charAt(0), id = MessageBody) =>
      call("SendMessage", { MessageBody, MessageGroupId, MessageDeduplicationId: id }),
    /** @returns what is received, in order */
    bodies: (options: object = {}): string =>
      receive(options)
        .map(({ Body }) => Body)
        .join(" "),
    remove: (...messages: readonly Received[]): void => {
      messages.forEach(({ ReceiptHandle }) => {
        call("DeleteMessage", { ReceiptHandle });
      });
    },
  };
}
