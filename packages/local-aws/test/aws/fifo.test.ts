/** What a FIFO queue takes: its attributes, its messages, and what it takes once only. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSqsByHand, type SqsByHand } from "./sqs-by-hand";

let sqs: SqsByHand;

beforeEach(() => {
  sqs = createSqsByHand();
});

afterEach(() => {
  sqs.close();
});

describe("attributes", () => {
  test.each<[string, Record<string, string>, string]>([
    ["jobs.fifo", { FifoQueue: "false" }, "InvalidAttributeValue"],
    ["jobs", { FifoQueue: "false" }, "InvalidAttributeName"],
    ["jobs", { ContentBasedDeduplication: "true" }, "InvalidAttributeName"],
    ["jobs", { DeduplicationScope: "queue" }, "InvalidAttributeName"],
    ["jobs", { FifoThroughputLimit: "perQueue" }, "InvalidAttributeName"],
    ["jobs.fifo", { FifoQueue: "true", ContentBasedDeduplication: "1" }, "InvalidAttributeValue"],
    [`${"x".repeat(76)}.fifo`, { FifoQueue: "true" }, "ValidationException"],
  ])("a queue %s with %j is refused", (QueueName, Attributes, error) => {
    expect(sqs.refusal("CreateQueue", { QueueName, Attributes })).toBe(error);
    expect(sqs.refusal("GetQueueUrl", { QueueName })).not.toBe("none");
  });

  test("they are shown, changed and kept over a restart; the kind of a queue is for good", () => {
    sqs.create();
    const show = () => sqs.call("GetQueueAttributes", { AttributeNames: ["All"] }).Attributes;
    const defaults = { ContentBasedDeduplication: "false", DeduplicationScope: "queue" };
    expect(show()).toMatchObject({
      ...defaults,
      FifoQueue: "true",
      FifoThroughputLimit: "perQueue",
      QueueArn: "arn:aws:sqs:us-east-1:000000000000:jobs.fifo",
    });
    const Attributes = {
      FifoThroughputLimit: "perMessageGroupId",
      DeduplicationScope: "messageGroup",
      ContentBasedDeduplication: "true",
    };
    sqs.call("SetQueueAttributes", { Attributes: { FifoQueue: "true", ...Attributes } });
    sqs.restart();
    expect(show()).toMatchObject({ ...Attributes, FifoQueue: "true" });
    sqs.create(Attributes);
    expect(sqs.refusal("SetQueueAttributes", { Attributes: { FifoQueue: "false" } })).toBe(
      "InvalidAttributeValue",
    );
    sqs.call("CreateQueue", { QueueName: "plain" });
    const late = { QueueUrl: "/0/plain", Attributes: { FifoQueue: "true" } };
    expect(sqs.refusal("SetQueueAttributes", late)).toBe("InvalidAttributeName");
  });

  test("dead letters stay within the kind of their queue", () => {
    sqs.create();
    sqs.call("CreateQueue", { QueueName: "plain" });
    const to = (name: string) => ({
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `a:${name}`, maxReceiveCount: 1 }),
    });
    expect(sqs.refusal("SetQueueAttributes", { Attributes: to("plain") })).toBe(
      "InvalidParameterValue",
    );
    expect(
      sqs.refusal("SetQueueAttributes", { QueueUrl: "/0/plain", Attributes: to("jobs.fifo") }),
    ).toBe("InvalidParameterValue");
  });
});

describe("sending", () => {
  const whole = { MessageBody: "x", MessageGroupId: "g", MessageDeduplicationId: "d" };

  test.each<[string, Record<string, unknown>, string]>([
    ["no group", { MessageGroupId: undefined }, "MissingParameter"],
    ["no deduplication ID", { MessageDeduplicationId: undefined }, "InvalidParameterValue"],
    ["a delay", { DelaySeconds: 1 }, "InvalidParameterValue"],
    ["a space in the group", { MessageGroupId: "a b" }, "InvalidParameterValue"],
    ["too long an ID", { MessageDeduplicationId: "x".repeat(129) }, "InvalidParameterValue"],
  ])("with %s is refused, in a batch too", (_, change, error) => {
    sqs.create();
    expect(sqs.refusal("SendMessage", { ...whole, ...change })).toBe(error);
    const Entries = [
      { Id: "bad", ...whole, ...change },
      { Id: "good", ...whole },
    ];
    expect(sqs.call("SendMessageBatch", { Entries })).toMatchObject({
      Successful: [{ Id: "good", SequenceNumber: expect.stringMatching(/^\d{20}$/) }],
      Failed: [{ Id: "bad", Code: error, SenderFault: true }],
    });
    expect(sqs.bodies()).toBe("x");
  });

  test.each(["MessageGroupId", "MessageDeduplicationId"])(
    "a standard queue refuses %s rather than losing it",
    (member) => {
      sqs.call("CreateQueue", { QueueName: "plain" });
      const sent = { QueueUrl: "/0/plain", MessageBody: "x", [member]: "y" };
      expect(sqs.refusal("SendMessage", sent)).toBe("InvalidParameterValue");
    },
  );

  test("group, deduplication ID and a rising sequence number are shown with the message", () => {
    sqs.create({ DelaySeconds: "5" });
    const sent = [sqs.send("a1"), sqs.call("SendMessage", { ...whole, DelaySeconds: 0 })];
    sqs.restart();
    sent.push(sqs.send("a2"));
    expect(sqs.bodies()).toBe("");
    sqs.wait(5_000);
    const numbers = sent.map(({ SequenceNumber }) => SequenceNumber);
    expect(numbers).toEqual([...new Set(numbers)].sort());
    expect(sqs.receive().map(({ Attributes }) => Attributes)).toMatchObject([
      { MessageGroupId: "a", MessageDeduplicationId: "a1", SequenceNumber: numbers[0] },
      { MessageGroupId: "g", MessageDeduplicationId: "d", SequenceNumber: numbers[1] },
      { MessageGroupId: "a", MessageDeduplicationId: "a2", SequenceNumber: numbers[2] },
    ]);
  });
});

describe("deduplication", () => {
  test("within five minutes of the first a duplicate is answered like it and not delivered, even after a delete, a restart, and the end of retention", () => {
    sqs.create({ MessageRetentionPeriod: "60" });
    const first = sqs.send("a1");
    sqs.remove(...sqs.receive());
    sqs.wait(299_999);
    sqs.restart();
    expect(sqs.send("other", "b", "a1")).toMatchObject({
      MessageId: first.MessageId,
      SequenceNumber: first.SequenceNumber,
    });
    expect(sqs.bodies()).toBe("");
    sqs.wait(1);
    expect(sqs.send("a1").MessageId).not.toBe(first.MessageId);
    expect(sqs.bodies()).toBe("a1");
    sqs.wait(60_001);
    expect(sqs.bodies()).toBe("");
    sqs.send("a1");
    expect(sqs.bodies()).toBe("");
  });

  test("what is remembered is written once, and leaves the journal with its time", () => {
    sqs.create();
    const journal = () => readFileSync(join(sqs.folder, "jobs.fifo.jsonl"), "utf8");
    sqs.send("a1");
    sqs.remove(...sqs.receive());
    const written = journal();
    sqs.receive();
    expect(journal()).toBe(written);
    sqs.wait(300_000);
    sqs.receive();
    sqs.restart();
    sqs.receive();
    expect(journal()).toBe("");
  });

  test("a duplicate of a message that is still there is not delivered either", () => {
    sqs.create();
    sqs.send("a1");
    sqs.send("a1");
    expect(sqs.bodies({ VisibilityTimeout: 0 })).toBe("a1");
  });
});

test("the journal of a version that knew no FIFO queues is read", () => {
  const settings = { delay: 0, visibilityTimeout: 30, retention: 345_600, waitTime: 0 };
  const message = { id: "m", body: "kept", sentAt: sqs.now(), visibleAt: 0, received: 0 };
  sqs.restart(() => {
    const old = { ...settings, maximumMessageSize: 262_144 };
    writeFileSync(join(sqs.folder, "queues.json"), JSON.stringify({ old }));
    writeFileSync(join(sqs.folder, "old.jsonl"), `${JSON.stringify(["m", message])}\n`);
  });
  expect(sqs.bodies({ QueueUrl: "/0/old" })).toBe("kept");
});
