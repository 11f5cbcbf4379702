import type { SQSClient } from "@aws-sdk/client-sqs";
import { readMessage } from "../../../lambda/queue/message";
import { createSqsRecovery, createSqsRenewals } from "../../../lambda/queue/sqs-recovery";

const url = "https://sqs.eu-central-1.amazonaws.com/123456789012/tasks";
const orderedUrl = `${url}.fifo`;
const TASK = { sub: "s", grantId: "g", owner: "o" };

function clientThat(answer: () => Promise<object>) {
  const sent: Record<string, unknown>[] = [];
  const client = {
    send: (command: { readonly input: Record<string, unknown> }) => {
      sent.push(command.input);
      return answer();
    },
  } as unknown as Pick<SQSClient, "send">;
  return { client, sent };
}

test("a watchdog is delayed; a spilled successor and a take-over stand in line, by grant, each taken once", async () => {
  const { client, sent } = clientThat(() => Promise.resolve({}));
  const recovery = createSqsRecovery({ url, orderedUrl, client });
  await recovery.watch(TASK, 17);
  await recovery.spill({ ...TASK, refreshToken: { ciphertext: new Uint8Array([1]), gen: 2 } });
  await recovery.takeOver(TASK, 2);
  await recovery.takeOver({ ...TASK, grantId: "h" }, 3);
  const bodies = sent.map((input) => readMessage(String(input["MessageBody"]))?.kind);
  expect(bodies).toEqual(["watch", "spill", "take-over", "take-over"]);
  const MessageBody = expect.any(String) as unknown;
  expect(sent).toEqual([
    { QueueUrl: url, MessageBody, DelaySeconds: 17 },
    { QueueUrl: orderedUrl, MessageBody, MessageGroupId: "g", MessageDeduplicationId: "spill.o.2" },
    {
      QueueUrl: orderedUrl,
      MessageBody,
      MessageGroupId: "g",
      MessageDeduplicationId: "take-over.o.2",
    },
    {
      QueueUrl: orderedUrl,
      MessageBody,
      MessageGroupId: "h",
      MessageDeduplicationId: "take-over.o.3",
    },
  ]);
});

test.each([
  ["queue_unavailable", { name: "RequestThrottled", $metadata: { httpStatusCode: 503 } }],
  ["queue_unavailable", { name: "Error" }],
  ["queue_denied", { name: "AccessDenied", $metadata: { httpStatusCode: 403 }, $fault: "client" }],
])("fails with %s where SQS says so", async (reason, error) => {
  const { client } = clientThat(() => Promise.reject(Object.assign(new Error("no"), error)));
  await expect(createSqsRecovery({ url, orderedUrl, client }).watch(TASK, 1)).rejects.toMatchObject(
    { reason },
  );
});

test("renewals go as one batch, and one that is not taken is told", async () => {
  const taking = clientThat(() => Promise.resolve({ Successful: [{}] }));
  const tasks = [
    { sub: "a", delaySeconds: 0 },
    { sub: "b", delaySeconds: 4 },
  ];
  await createSqsRenewals({ url, client: taking.client }).renew(tasks);
  expect(taking.sent).toMatchObject([
    {
      Entries: [
        { Id: "0", DelaySeconds: 0 },
        { Id: "1", DelaySeconds: 4 },
      ],
    },
  ]);
  const { client } = clientThat(() => Promise.resolve({ Failed: [{ Id: "1" }] }));
  await expect(createSqsRenewals({ url, client }).renew(tasks)).rejects.toMatchObject({
    reason: "queue_unavailable",
  });
});
