/** The real SQS client in the words of the contract: queues by short name, bodies as text. */
import { randomBytes } from "node:crypto";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { refusal } from "./contract";

export interface SqsEngine {
  readonly endpoint: string;
  /** Lets the engine's time pass. */
  wait(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

export type SqsDriver = ReturnType<typeof createSqsDriver>;

type Receive = Partial<ReceiveMessageCommandInput>;

const FIFO = "jobs.fifo";

/** Calls go to the queue `jobs.fifo`, where they name no other. */
export function createSqsDriver({ endpoint, wait, close }: SqsEngine) {
  const client = new SQSClient({
    region: "us-east-1",
    endpoint,
    maxAttempts: 1,
    credentials: { accessKeyId: "TESTER", secretAccessKey: "made up" },
  });
  // An engine may be shared by the tests of a run.
  const run = randomBytes(4).toString("hex");
  const nameOf = (queue: string): string => `${run}-${queue}`;
  const url = (queue: string): string => `${endpoint}/000000000000/${nameOf(queue)}`;

  const createQueue = async (
    Attributes: Record<string, string> = {},
    queue = "jobs",
  ): Promise<void> => {
    await client.send(new CreateQueueCommand({ QueueName: nameOf(queue), Attributes }));
  };
  const sendEntry = (QueueUrl: string, entry: Omit<SendMessageBatchRequestEntry, "Id">) =>
    client.send(new SendMessageCommand({ QueueUrl, ...entry }));
  const receive = async (options: Receive = {}, queue = FIFO): Promise<Message[]> => {
    const command = new ReceiveMessageCommand({
      QueueUrl: url(queue),
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ["All"],
      ...options,
    });
    return (await client.send(command)).Messages ?? [];
  };
  return {
    wait,
    createQueue,
    createFifo: async (attributes: Record<string, string> = {}, queue = FIFO) => {
      await createQueue({ FifoQueue: "true", ...attributes }, queue);
    },
    arn: (queue: string): string => `arn:aws:sqs:us-east-1:000000000000:${nameOf(queue)}`,
    find: (queue: string) =>
      refusal(client.send(new GetQueueUrlCommand({ QueueName: nameOf(queue) }))),
    /** To a standard queue. */
    sendPlain: (MessageBody: string, DelaySeconds?: number, queue = "jobs") =>
      sendEntry(url(queue), {
        MessageBody,
        ...(DelaySeconds !== undefined && { DelaySeconds }),
      }),
    sendEntry: (entry: Omit<SendMessageBatchRequestEntry, "Id">, queue = FIFO) =>
      sendEntry(url(queue), entry),
    /** @param group default: the first character of the body. @param id of deduplication */
    send: (MessageBody: string, group = MessageBody.charAt(0), id = MessageBody) =>
      sendEntry(url(FIFO), { MessageBody, MessageGroupId: group, MessageDeduplicationId: id }),
    /** @returns the outcome of each entry by its Id: "sent" or the error's code */
    sendBatch: async (Entries: SendMessageBatchRequestEntry[], queue = "jobs") => {
      const command = new SendMessageBatchCommand({ QueueUrl: url(queue), Entries });
      const { Successful: sent = [], Failed: failed = [] } = await client.send(command);
      return new Map([
        ...sent.map(({ Id }) => [Id, "sent"] as const),
        ...failed.map(({ Id, Code }) => [Id, Code] as const),
      ]);
    },
    receive,
    /** @returns the bodies of what is received, in order */
    bodies: async (options: Receive = {}, queue = FIFO): Promise<string> =>
      (await receive(options, queue)).map(({ Body }) => Body).join(" "),
    /** @returns the error's name or "none" */
    remove: (message: Message | undefined, queue = FIFO) =>
      refusal(
        client.send(
          new DeleteMessageCommand({
            QueueUrl: url(queue),
            ReceiptHandle: message?.ReceiptHandle,
          }),
        ),
      ),
    removeBatch: async (messages: readonly Message[], queue = FIFO): Promise<number> => {
      const Entries = messages.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
      const command = new DeleteMessageBatchCommand({ QueueUrl: url(queue), Entries });
      return (await client.send(command)).Successful?.length ?? 0;
    },
    /** @returns numbers of messages: visible, in flight, delayed */
    depth: async (queue = "jobs"): Promise<number[]> => {
      const command = new GetQueueAttributesCommand({
        QueueUrl: url(queue),
        AttributeNames: ["All"],
      });
      const { Attributes: all = {} } = await client.send(command);
      return [
        all["ApproximateNumberOfMessages"],
        all["ApproximateNumberOfMessagesNotVisible"],
        all["ApproximateNumberOfMessagesDelayed"],
      ].map(Number);
    },
    close: async () => {
      client.destroy();
      await close();
    },
  };
}
