/** The recovery queue: an SQS standard queue, which loses nothing, and brings things late, twice and in any order. */
import {
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  type SendMessageBatchCommandOutput,
} from "@aws-sdk/client-sqs";
import { InternalError, UnavailableError, type ServiceError } from "../errors";
import type { Recovery, RecoveryTask, RenewalQueue } from "../ports";
import { isTransient, sdkDefaults } from "../sdk";
import { writeMessage } from "./message";

export interface SqsQueueOptions {
  readonly url: string;
  readonly client: Pick<SQSClient, "send">;
}

/** Region, credentials and endpoint come from the environment, as everywhere in Lambda. */
export function createSqsClient(): SQSClient {
  return new SQSClient(sdkDefaults());
}

/** @throws UnavailableError `queue_unavailable`; InternalError `queue_denied`. */
export function createSqsRecovery({ url, client }: SqsQueueOptions): Recovery {
  async function send(task: RecoveryTask, delaySeconds: number): Promise<void> {
    await client
      .send(
        new SendMessageCommand({
          QueueUrl: url,
          MessageBody: writeMessage(task),
          DelaySeconds: delaySeconds,
        }),
      )
      .catch(rethrow);
  }

  return {
    watch: async (task, delaySeconds) => {
      await send({ kind: "watch", ...task }, delaySeconds);
    },
    spill: async (successor) => {
      await send({ kind: "spill", ...successor }, 0);
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
