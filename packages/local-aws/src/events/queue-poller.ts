/**
 * Reads a queue for a function with that function's role, as Lambda does: it deletes the messages
 * that the function has processed; the others are received again after their visibility timeout.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { LOCAL_REGION } from "../aws/call";
import type { AwsCredentials } from "../runtime/function-spec";
import type { EventSource } from "../template/event-sources";
import { queueEvent, succeeded } from "./queue-event";

export interface PollerOptions {
  readonly source: EventSource;
  readonly endpoint: string;
  readonly credentials: AwsCredentials;
  /** Events at once at most. */
  readonly concurrency: number;
  readonly invoke: (event: unknown) => Promise<unknown>;
}

export interface Poller {
  /** Whether it receives, as the `Enabled` of an event source mapping says. It does at first. */
  enable(isEnabled: boolean): void;
  /** Receives nothing more; what the function is at is not waited for, and comes again. */
  close(): Promise<void>;
}

const WAIT_SECONDS = 20;
const AFTER_ERROR_MS = 500;

export function startPoller(options: PollerOptions): Poller {
  const { endpoint, credentials } = options;
  const client = new SQSClient({ region: LOCAL_REGION, endpoint, credentials, maxAttempts: 1 });
  const closing = new AbortController();
  let receiving = new AbortController();
  const poll: Poll = {
    ...options,
    client,
    signal: closing.signal,
    receiving: () => AbortSignal.any([closing.signal, receiving.signal]),
  };
  const loops = Array.from({ length: options.concurrency }, () => loop(poll));
  return {
    enable: (isEnabled) => {
      if (!isEnabled) {
        receiving.abort();
      } else if (receiving.signal.aborted) {
        receiving = new AbortController();
      }
    },
    close: async () => {
      closing.abort();
      await Promise.all(loops);
      client.destroy();
    },
  };
}

interface Poll extends PollerOptions {
  readonly client: SQSClient;
  readonly signal: AbortSignal;
  /** Aborted while it is not to receive. */
  readonly receiving: () => AbortSignal;
}

async function loop(poll: Poll): Promise<void> {
  const { signal } = poll;
  const closed = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => {
      resolve();
    });
  });
  while (!signal.aborted) {
    try {
      const messages = await receive(poll);
      if (messages.length > 0) {
        await Promise.race([serve(poll, messages), closed]);
      }
    } catch {
      // The function's log has its own failures; a queue that cannot be reached, or is not to be,
      // is asked again.
      await sleep(AFTER_ERROR_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

async function receive({ client, source, receiving }: Poll): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: source.queueUrl,
    MaxNumberOfMessages: source.batchSize,
    WaitTimeSeconds: WAIT_SECONDS,
    MessageSystemAttributeNames: ["All"],
  });
  const { Messages: messages = [] } = await client.send(command, { abortSignal: receiving() });
  return messages;
}

async function serve(
  { client, source, signal, invoke }: Poll,
  messages: readonly Message[],
): Promise<void> {
  const answer = await invoke(queueEvent(messages, source.queueArn));
  const done = source.reportsFailures ? succeeded(messages, answer) : messages;
  if (done.length === 0 || signal.aborted) {
    return;
  }
  const Entries = done.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
  await client.send(new DeleteMessageBatchCommand({ QueueUrl: source.queueUrl, Entries }));
}
