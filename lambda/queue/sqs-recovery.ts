/**
 * The two recovery queues. The standard queue can delay messages, and delivers them late, twice and
 * in any order. The FIFO queue delivers the messages of one grant in order, each only when the one
 * before it is deleted (Amazon SQS Developer Guide, "FIFO queue delivery logic").
 */
import {
  SendMessageBatchCommand,
  type SendMessageBatchCommandOutput,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { InternalError, type ServiceError, UnavailableError } from "../errors";
import { type AwsAccess, isTransient, sdkDefaults } from "../platform/sdk";
import type { Recovery, RecoveryTask, RenewalQueue } from "../ports/queues";
import { writeMessage } from "./message";

export interface SqsQueueOptions {
  readonly url: string;
  readonly client: Pick<SQSClient, "send">;
}

export interface SqsRecoveryOptions extends SqsQueueOptions {
  /** URL of the FIFO queue. */
  readonly orderedUrl: string;
}

type OrderedTask = Extract<RecoveryTask, { readonly kind: "spill" | "take-over" }>;

/** @param access @default region, credentials and endpoint of the environment */
export function createSqsClient(access?: AwsAccess): SQSClient {
  return new SQSClient(sdkDefaults(access));
}

/** @throws UnavailableError `queue_unavailable`; InternalError `queue_denied`. */
export function createSqsRecovery({ url, orderedUrl, client }: SqsRecoveryOptions): Recovery {
  async function send(input: SendMessageCommandInput): Promise<void> {
    await client.send(new SendMessageCommand(input)).catch(rethrow);
  }

  /**
   * @param id for deduplication: SQS drops a second message with the same kind, owner and id within
   * five minutes
   */
  async function sendInOrder(task: OrderedTask, id: string): Promise<void> {
    await send({
      QueueUrl: orderedUrl,
      MessageBody: writeMessage(task),
      MessageGroupId: task.grantId,
      MessageDeduplicationId: `${task.kind}.${task.owner}.${id}`,
    });
  }

  return {
    watch: async (task, delaySeconds) => {
      const MessageBody = writeMessage({ kind: "watch", ...task });
      await send({ QueueUrl: url, MessageBody, DelaySeconds: delaySeconds });
    },
    spill: async (successor) => {
      await sendInOrder({ kind: "spill", ...successor }, String(successor.refreshToken.gen));
    },
    takeOver: async (task, revision) => {
      await sendInOrder({ kind: "take-over", ...task }, String(revision));
    },
  };
}

/** @throws as {@link createSqsRecovery} does */
export function createSqsRenewals({ url, client }: SqsQueueOptions): RenewalQueue {
  return {
    renew: async (tasks) => {
      const answer: SendMessageBatchCommandOutput = await client
        .send(
          new SendMessageBatchCommand({
            QueueUrl: url,
            Entries: tasks.map(({ sub, delaySeconds }, at) => ({
              Id: String(at),
              MessageBody: writeMessage({ kind: "renew", sub }),
              DelaySeconds: delaySeconds,
            })),
          }),
        )
        .catch(rethrow);
      if ((answer.Failed ?? []).length > 0) {
        throw new UnavailableError("queue_unavailable");
      }
    },
  };
}

function rethrow(error: unknown): never {
  throw queueError(error);
}

function queueError(error: unknown): ServiceError {
  return isTransient(error)
    ? new UnavailableError("queue_unavailable", { cause: error })
    : new InternalError("queue_denied", { cause: error });
}
