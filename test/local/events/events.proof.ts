/** Queues and schedules of a synthesized template invoke its functions as AWS does. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { Duration } from "aws-cdk-lib";
import { Schedule } from "aws-cdk-lib/aws-events";
import { type Cleanup, createCleanup } from "../../../local/cleanup";
import { type Cloud, startCloud } from "../../../local/cloud";
import { type QueueAppOptions, synthesizeQueueApp } from "./queue-app";

interface SeenEvent {
  readonly Records?: readonly { readonly body: string; readonly [member: string]: unknown }[];
  readonly [member: string]: unknown;
}

interface Body {
  readonly name: string;
  readonly outcome?: string;
}

interface Run {
  readonly cloud: Cloud;
  /** What the function of this name was given. */
  seen(label: string): SeenEvent[];
  send(body: Body, delay?: number): Promise<void>;
  /** To a FIFO queue, as one batch. */
  sendInOrder(group: string, bodies: readonly Body[]): Promise<void>;
  /** Visible, in flight, delayed. */
  depth(output: "JobsUrl" | "DeadUrl"): Promise<number[]>;
  close(): Promise<void>;
}

let folder: string;
const runs: Run[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "events-"));
});

afterEach(async () => {
  await Promise.all(runs.splice(0).map((run) => run.close()));
  await rm(folder, { recursive: true });
});

async function start(options: QueueAppOptions = {}): Promise<Run> {
  const assembly = synthesizeQueueApp(folder, options);
  const cleanup: Cleanup = createCleanup();
  const lines: { function: string; line: string }[] = [];
  const ground = {
    folder: join(folder, "data"),
    assembly,
    apiUrl: "http://api",
    clientSecret: "s",
  };
  const cloud = await startCloud({ onLog: (line) => lines.push(line) }, ground, cleanup).catch(
    async (error: unknown) => {
      await cleanup.run();
      throw error;
    },
  );
  const credentials = cloud.admin;
  const sqs = new SQSClient({
    region: "us-east-1",
    endpoint: cloud.aws.endpoints.sqs!,
    credentials,
  });
  const url = (name: string) => cloud.deployment.outputs[name];
  let closed: Promise<void> | undefined;
  const run: Run = {
    cloud,
    seen: (label) =>
      lines
        .filter((line) => line.function === label && line.line.startsWith("{"))
        .map(({ line }) => JSON.parse(line) as SeenEvent),
    send: async (body, DelaySeconds = 0) => {
      const MessageBody = JSON.stringify(body);
      await sqs.send(
        new SendMessageCommand({ QueueUrl: url("JobsUrl"), MessageBody, DelaySeconds }),
      );
    },
    sendInOrder: async (MessageGroupId, bodies) => {
      const Entries = bodies.map((body) => ({
        Id: body.name,
        MessageBody: JSON.stringify(body),
        MessageGroupId,
        MessageDeduplicationId: body.name,
      }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: url("JobsUrl"), Entries }));
    },
    depth: async (output) => {
      const command = { QueueUrl: url(output), AttributeNames: ["All" as const] };
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand(command));
      const all = Attributes as Record<string, string>;
      return ["", "NotVisible", "Delayed"].map((end) =>
        Number(all[`ApproximateNumberOfMessages${end}`]),
      );
    },
    close: () => {
      sqs.destroy();
      return (closed ??= cleanup.run());
    },
  };
  runs.push(run);
  return run;
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new Error("it does not come to that");
    }
    await sleep(25);
  }
}

/** Names of the messages that the function was given, in order. */
function namesSeen(run: Run): string[] {
  const records = run.seen("Worker").flatMap(({ Records = [] }) => Records);
  return records.map(({ body }) => (JSON.parse(body) as Body).name);
}

function timesSeen(run: Run, name: string): number {
  return namesSeen(run).filter((one) => one === name).length;
}

test("a message invokes the function with Lambda's event, and is gone after the answer", async () => {
  const run = await start();
  await run.send({ name: "first" });
  await until(() => timesSeen(run, "first") === 1);
  await until(async () => (await run.depth("JobsUrl")).join() === "0,0,0");
  expect(run.seen("Worker")[0]?.Records?.[0]).toMatchObject({
    messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    receiptHandle: expect.any(String),
    attributes: { ApproximateReceiveCount: "1" },
    messageAttributes: {},
    md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
    eventSource: "aws:sqs",
    eventSourceARN: run.cloud.deployment.outputs["JobsArn"],
    awsRegion: "us-east-1",
  });
});

test("what the function reports as failed comes again, the rest of its batch does not", async () => {
  const run = await start();
  await Promise.all([run.send({ name: "good" }), run.send({ name: "bad", outcome: "fail once" })]);
  await until(() => timesSeen(run, "bad") === 2);
  await until(async () => (await run.depth("JobsUrl")).join() === "0,0,0");
  expect([timesSeen(run, "good"), await run.depth("DeadUrl")]).toEqual([1, [0, 0, 0]]);
});

test.each(["throw", "crash", "fail"])(
  "a message that makes the function %s ends in the dead letters",
  async (outcome) => {
    const run = await start();
    await run.send({ name: "poison", outcome });
    await until(async () => (await run.depth("DeadUrl")).join() === "1,0,0");
    expect([timesSeen(run, "poison"), await run.depth("JobsUrl")]).toEqual([2, [0, 0, 0]]);
  },
);

test("on a FIFO queue a failing message keeps the next of its group behind it, while another group goes on", async () => {
  const queue = { visibilityTimeout: Duration.seconds(5) };
  const run = await start({ fifo: true, queue, source: { batchSize: 1 } });
  const { JobsUrl, JobsArn } = run.cloud.deployment.outputs;
  expect([JobsUrl, JobsArn]).toEqual([
    expect.stringMatching(/\.fifo$/),
    `arn:aws:sqs:us-east-1:000000000000:${String(JobsUrl).split("/").at(-1)}`,
  ]);
  await run.sendInOrder("a", [{ name: "a1", outcome: "fail once" }, { name: "a2" }]);
  await run.sendInOrder("b", [{ name: "b1" }, { name: "b2" }]);
  await until(async () => (await run.depth("JobsUrl")).join() === "0,0,0");
  const names = namesSeen(run);
  expect(names.filter((name) => name.startsWith("a"))).toEqual(["a1", "a1", "a2"]);
  expect(names.filter((name) => name.startsWith("b"))).toEqual(["b1", "b2"]);
  expect(names.indexOf("b2")).toBeLessThan(names.lastIndexOf("a1"));
  // Which group comes first is nobody's promise.
  expect(run.seen("Worker")[names.indexOf("a1")]?.Records?.[0]).toMatchObject({
    attributes: { MessageGroupId: "a", MessageDeduplicationId: "a1" },
  });
});

test("on a FIFO queue what fails too often is a dead letter, and then the next of its group comes", async () => {
  const run = await start({ fifo: true, source: { batchSize: 1 } });
  await run.sendInOrder("a", [{ name: "a1", outcome: "throw" }, { name: "a2" }]);
  await until(async () => (await run.depth("JobsUrl")).join() === "0,0,0");
  expect([namesSeen(run), await run.depth("DeadUrl")]).toEqual([
    ["a1", "a1", "a2"],
    [1, 0, 0],
  ]);
});

test("a message that was sent before a stop comes after the next start", async () => {
  const run = await start();
  await run.send({ name: "patient" }, 2);
  await run.close();
  const again = await start();
  await until(() => timesSeen(again, "patient") === 1);
  expect(timesSeen(run, "patient")).toBe(0);
});

test("a schedule can be run now, with the event of its kind", async () => {
  const { cloud, seen } = await start();
  const answer = await cloud.events.runSchedule("Sweeper");
  await cloud.events.runSchedule("Timed");
  expect(answer).toMatchObject({ endpoint: cloud.aws.endpoints.sqs });
  expect(seen("Sweeper")).toMatchObject([
    { source: "aws.events", "detail-type": "Scheduled Event", detail: {} },
  ]);
  expect(seen("Timed")).toEqual([{}]);
  await expect(cloud.events.runSchedule("Worker")).rejects.toThrow("nothing schedules");
});

test.each<[string, QueueAppOptions, string]>([
  ["a cron expression", { schedule: Schedule.cron({ hour: "4" }) }, "it knows rate"],
  [
    "a window to gather a batch in",
    { source: { maxBatchingWindow: Duration.seconds(5) } },
    "MaximumBatchingWindowInSeconds",
  ],
  ["a filter", { source: { filters: [{ pattern: "{}" }] } }, "FilterCriteria"],
  [
    "a FIFO queue with dead letters in a standard queue",
    { queue: { fifo: true } },
    "dead letter queue",
  ],
  [
    "a visibility timeout below the function's",
    { queue: { visibilityTimeout: Duration.seconds(1) } },
    "visibility timeout",
  ],
])("%s is refused at the start and not passed over", async (_, options, why) => {
  await expect(start(options)).rejects.toThrow(why);
});
