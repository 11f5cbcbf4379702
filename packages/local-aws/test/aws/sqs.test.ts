import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { type AwsCall, AwsError, LOSE_ANSWER } from "../../src/aws/call";
import { createQueues } from "../../src/aws/queues";
import { type LocalAws, type LocalAwsOptions, startLocalAws } from "../../src/aws/start";
import { failure } from "./clients";

let aws: LocalAws;
let sqs: SQSClient;
let dataFolder: string;

beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), "sqs-"));
});

afterEach(async () => {
  sqs.destroy();
  await aws.close();
  rmSync(dataFolder, { recursive: true });
});

/** @returns the URL of a queue with these attributes */
async function start(
  attributes: Record<string, string> = {},
  options: LocalAwsOptions = {},
): Promise<string> {
  aws = await startLocalAws({ queues: true, ...options });
  sqs = new SQSClient({
    region: "us-east-1",
    endpoint: aws.endpoints.sqs!,
    maxAttempts: 1,
    credentials: { accessKeyId: "TESTER", secretAccessKey: "made up" },
  });
  return await aws.createQueue({ name: "jobs", attributes });
}

async function send(QueueUrl: string, MessageBody: string, DelaySeconds?: number) {
  const input = { QueueUrl, MessageBody, ...(DelaySeconds !== undefined && { DelaySeconds }) };
  return await sqs.send(new SendMessageCommand(input));
}

async function receive(QueueUrl: string, options = {}) {
  const command = new ReceiveMessageCommand({ QueueUrl, ...options });
  return (await sqs.send(command)).Messages ?? [];
}

async function depth(QueueUrl: string) {
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] });
  const { Attributes: all = {} } = await sqs.send(command);
  return [
    all["ApproximateNumberOfMessages"],
    all["ApproximateNumberOfMessagesNotVisible"],
    all["ApproximateNumberOfMessagesDelayed"],
  ].map(Number);
}

test("without queues there is no SQS", async () => {
  await start({}, { queues: true });
  const without = await startLocalAws();
  expect(without.endpoints).not.toHaveProperty("sqs");
  await without.close();
});

test("message attributes are refused rather than lost", async () => {
  const url = await start();
  const MessageAttributes = { a: { DataType: "String", StringValue: "b" } };
  expect(
    await failure(
      sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "x", MessageAttributes })),
    ),
  ).toBe("ValidationException 400");
});

test("the front door judges by queue, counts, fails and loses answers as for the other services", async () => {
  const seen: AwsCall[] = [];
  let wish: unknown;
  const url = await start(
    {},
    {
      authorize: ({ action, resource }) =>
        action === "SendMessage" && resource === "arn:aws:sqs:us-east-1:000000000000:jobs",
      onCall: (call) => {
        seen.push(call);
        if (wish instanceof Error) {
          throw wish;
        }
        return wish;
      },
    },
  );
  expect(await failure(receive(url))).toBe("AccessDeniedException 400");
  const Entries = [{ Id: "a", MessageBody: "b" }];
  await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  expect(seen.map(({ service, action }) => `${service}:${action}`)).toEqual([
    "sqs:ReceiveMessage",
    "sqs:SendMessageBatch",
  ]);
  wish = new AwsError("InternalError", "down", 500);
  expect(await failure(send(url, "lost"))).toBe("InternalError 500");
  wish = LOSE_ANSWER;
  expect(await failure(send(url, "kept"))).toMatch(/without an answer$/);
});

test("messages, their receives and their delays survive a restart; a line cut off by a kill is no message", async () => {
  const url = await start({ VisibilityTimeout: "600" }, { dataFolder });
  await send(url, "out");
  await receive(url);
  await send(url, "waiting");
  await send(url, "delayed", 900);
  sqs.destroy();
  await aws.close();
  const journal = join(dataFolder, "sqs", "jobs.jsonl");
  writeFileSync(journal, `${readFileSync(journal, "utf8")}["torn",{"id":`);
  const again = await start({ VisibilityTimeout: "600" }, { dataFolder });
  expect(await depth(again)).toEqual([1, 1, 1]);
  expect((await receive(again, { MaxNumberOfMessages: 10 })).map(({ Body }) => Body)).toEqual([
    "waiting",
  ]);
});

test("messages older than the queue's retention are gone, by virtual time", async () => {
  await start();
  let now = Date.UTC(2026, 0, 1);
  const queues = createQueues(undefined, () => now);
  queues.create("short", { MessageRetentionPeriod: "60" });
  queues.get("short").send("old", 0);
  now += 61_000;
  queues.get("short").send("new", 0);
  expect(
    queues
      .get("short")
      .receive(10, 30)
      .map(({ body }) => body),
  ).toEqual(["new"]);
  queues.close();
});
