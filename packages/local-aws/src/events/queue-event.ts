/**
 * What Lambda makes of messages, and what it makes of the answer (Lambda Developer Guide, "Using
 * Lambda with Amazon SQS").
 */
import { createHash } from "node:crypto";
import type { Message } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { LOCAL_REGION } from "../aws/call";

export function queueEvent(messages: readonly Message[], queueArn: string): object {
  return {
    Records: messages.map(({ MessageId, ReceiptHandle, Body = "", Attributes = {} }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: Attributes,
      messageAttributes: {},
      md5OfBody: createHash("md5").update(Body).digest("hex"),
      eventSource: "aws:sqs",
      eventSourceARN: queueArn,
      awsRegion: LOCAL_REGION,
    })),
  };
}

const Answer = v.nullish(
  v.object({
    batchItemFailures: v.nullish(
      v.array(v.object({ itemIdentifier: v.pipe(v.string(), v.nonEmpty()) })),
      [],
    ),
  }),
);

/**
 * The messages that the function has processed. An answer of another shape, or one that names a
 * message outside the batch, means that all of them failed.
 */
export function succeeded(messages: readonly Message[], answer: unknown): readonly Message[] {
  const parsed = v.safeParse(Answer, answer);
  if (!parsed.success) {
    return [];
  }
  const failures = parsed.output?.batchItemFailures ?? [];
  const failed = new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
  const ids = new Set(messages.map(({ MessageId }) => MessageId));
  return [...failed].every((id) => ids.has(id))
    ? messages.filter(({ MessageId = "" }) => !failed.has(MessageId))
    : [];
}
