/**
 * The local SQS (`sqs`): standard and FIFO queues, delays, visibility timeouts, dead letters;
 * delivered at least once.
 */
import { type CallSubject, localArn } from "./call";
import { runAction } from "./json-action";
import { type Input, jsonAnswer, type Service } from "./json-protocol";
import { createQueues } from "./queues";
import { queueActions, queueName } from "./sqs-actions";

/** What SQS tells CloudWatch of a queue, under these names. */
export interface QueueMetrics {
  readonly queueName: string;
  readonly ApproximateAgeOfOldestMessage: number;
  readonly ApproximateNumberOfMessagesVisible: number;
}

export interface Sqs extends Service {
  measure(): readonly QueueMetrics[];
  close(): void;
}

export const SQS_WIRE = { name: "sqs", target: "AmazonSQS", json: "1.0" } as const;

const MAX_WAIT_SECONDS = 20;

/** @param folder of the queues; undefined: in memory only */
export function createSqs(folder: string | undefined, now: () => number = Date.now): Sqs {
  const queues = createQueues(folder, now);
  const actions = queueActions(queues);
  return {
    ...SQS_WIRE,
    describe: (action, input) => [describeQueueCall(action, input)],
    handle: async ({ action, input, headers, signal }) => {
      const name = queueName(input);
      if (action === "ReceiveMessage" && queues.has(name)) {
        const { WaitTimeSeconds: wait = queues.settings(name).waitTime } = input;
        const seconds = Math.min(Number(wait) || 0, MAX_WAIT_SECONDS);
        await queues.untilReceivable(name, seconds * 1000, signal);
        // The receiver has gone: a message that is handed out now would be in flight for nothing.
        signal.throwIfAborted();
      }
      const result = runAction(actions, action, input);
      const { QueueUrl: path } = result;
      const url = typeof path === "string" && { QueueUrl: `http://${headers.host ?? ""}${path}` };
      return jsonAnswer(SQS_WIRE, { ...result, ...url });
    },
    measure: () =>
      queues.names().map((queueName) => ({
        queueName,
        ApproximateAgeOfOldestMessage: queues.get(queueName).ageOfOldest() / 1000,
        ApproximateNumberOfMessagesVisible: queues.get(queueName).counts().visible,
      })),
    close: () => {
      queues.close();
    },
  };
}

/**
 * A batch needs the permission of its single call (SQS Developer Guide, "Amazon SQS API
 * permissions").
 */
export function describeQueueCall(action: string, input: Input): CallSubject {
  const name = queueName(input);
  const resource = name === "" ? undefined : localArn("sqs", name);
  return { action: action.replace(/Batch$/, ""), resource, context: {}, contextLists: {} };
}
