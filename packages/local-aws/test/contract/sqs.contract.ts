/** What SQS promises, as far as the product and its local run rely on it. */
import type { Message } from "@aws-sdk/client-sqs";
import { refusal, type Statement } from "./contract";
import type { SqsDriver } from "./sqs-driver";

const STANDARD: Statement<SqsDriver>[] = [
  {
    says: "a message is handed out once, with its times and count",
    observe: async (sqs) => {
      await sqs.createQueue();
      const { MessageId } = await sqs.sendPlain("grüße");
      const [message, ...others] = await sqs.receive({}, "jobs");
      const { ApproximateReceiveCount: count, SentTimestamp: sent = "" } =
        message?.Attributes ?? {};
      const isSame = message?.MessageId === MessageId;
      return [message?.Body, isSame, count, /^\d{13}$/.test(sent), others];
    },
    expected: ["grüße", true, "1", true, []],
  },
  {
    says: "a message in flight is counted as such, and is gone once it is deleted",
    observe: async (sqs) => {
      await sqs.createQueue();
      await sqs.sendPlain("x");
      const [message] = await sqs.receive({}, "jobs");
      const during = [await sqs.bodies({}, "jobs"), await sqs.depth()];
      return [...during, await sqs.remove(message, "jobs"), await sqs.depth()];
    },
    expected: ["", [0, 1, 0], "none", [0, 0, 0]],
  },
  {
    says: "a delayed message is counted as such until its delay is over",
    observe: async (sqs) => {
      await sqs.createQueue();
      await sqs.sendPlain("later", 1);
      const before = [await sqs.bodies({}, "jobs"), await sqs.depth()];
      await sqs.wait(1_100);
      return [...before, await sqs.bodies({}, "jobs")];
    },
    expected: ["", [0, 0, 1], "later"],
  },
  {
    says: "a receiver that waits gets a message when its delay is over",
    observe: async (sqs) => {
      await sqs.createQueue();
      await sqs.sendPlain("later", 1);
      return await sqs.bodies({ WaitTimeSeconds: 5 }, "jobs");
    },
    expected: "later",
  },
  {
    says: "what is not deleted is handed out again, and counted",
    observe: async (sqs) => {
      await sqs.createQueue();
      await sqs.sendPlain("again");
      const [first] = await sqs.receive({ VisibilityTimeout: 1 }, "jobs");
      await sqs.wait(1_100);
      const [second] = await sqs.receive({}, "jobs");
      const { ApproximateReceiveCount: count } = second?.Attributes ?? {};
      return [second?.MessageId === first?.MessageId, count];
    },
    expected: [true, "2"],
  },
  {
    says: "the receipt of an earlier receive deletes nothing",
    observe: async (sqs) => {
      await sqs.createQueue();
      await sqs.sendPlain("again");
      const [first] = await sqs.receive({ VisibilityTimeout: 0 }, "jobs");
      await sqs.receive({}, "jobs");
      return [await sqs.remove(first, "jobs"), await sqs.depth()];
    },
    expected: ["none", [0, 1, 0]],
  },
  {
    says: "after maxReceiveCount a message goes to the dead letters, with its source",
    observe: async (sqs) => {
      await sqs.createQueue({}, "dead");
      const deadLetterTargetArn = sqs.arn("dead");
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 });
      await sqs.createQueue({ RedrivePolicy, VisibilityTimeout: "0" });
      await sqs.sendPlain("poison");
      const receives: string[] = [];
      for (let n = 0; n < 3; n += 1) {
        receives.push(await sqs.bodies({}, "jobs"));
      }
      const [letter] = await sqs.receive({}, "dead");
      const { DeadLetterQueueSourceArn: source } = letter?.Attributes ?? {};
      return [receives, letter?.Body, source === sqs.arn("jobs")];
    },
    expected: [["poison", "poison", ""], "poison", true],
  },
  {
    says: "the entries of a batch succeed and fail each by itself",
    observe: async (sqs) => {
      await sqs.createQueue();
      const outcome = await sqs.sendBatch([
        { Id: "good", MessageBody: "one" },
        { Id: "late", MessageBody: "two", DelaySeconds: 901 },
      ]);
      return [outcome.get("good"), outcome.get("late") === "sent", await sqs.depth()];
    },
    expected: ["sent", false, [1, 0, 0]],
  },
  {
    says: "a batch of deletes deletes all of it",
    observe: async (sqs) => {
      await sqs.createQueue();
      await sqs.sendPlain("one");
      await sqs.sendPlain("two");
      const removed = await sqs.removeBatch(await sqs.receive({}, "jobs"), "jobs");
      return [removed, await sqs.depth()];
    },
    expected: [2, [0, 0, 0]],
  },
  {
    says: "a queue that does not exist is refused by name",
    observe: async (sqs) => [await refusal(sqs.sendPlain("x")), await sqs.find("jobs")],
    expected: ["QueueDoesNotExist", "QueueDoesNotExist"],
  },
  {
    says: "a delay of more than 15 minutes is refused",
    observe: async (sqs) => {
      await sqs.createQueue();
      return (await refusal(sqs.sendPlain("x", 901))) === "none";
    },
    expected: false,
  },
  {
    says: "a body with a character that XML cannot carry is refused",
    observe: async (sqs) => {
      await sqs.createQueue();
      return await refusal(sqs.sendPlain("\u0001"));
    },
    expected: "InvalidMessageContents",
  },
  {
    says: "a body above the queue's MaximumMessageSize is refused",
    observe: async (sqs) => {
      await sqs.createQueue({ MaximumMessageSize: "1024" });
      const outcomes = [await refusal(sqs.sendPlain("x".repeat(1024)))];
      return [...outcomes, await refusal(sqs.sendPlain("x".repeat(1025)))];
    },
    expected: ["none", "InvalidParameterValue"],
  },
  {
    says: "a queue is created once: the same again is no error, other attributes are",
    observe: async (sqs) => {
      await sqs.createQueue({ VisibilityTimeout: "60" });
      return [
        await refusal(sqs.createQueue({ VisibilityTimeout: "60" })),
        await refusal(sqs.createQueue({ VisibilityTimeout: "61" })),
      ];
    },
    expected: ["none", "QueueNameExists"],
  },
];

/** Creates the queue, and sends these bodies; their group is their first character. */
async function fifoWith(sqs: SqsDriver, ...bodies: string[]): Promise<void> {
  await sqs.createFifo();
  for (const body of bodies) {
    await sqs.send(body);
  }
}

const whole = { MessageBody: "x", MessageGroupId: "g", MessageDeduplicationId: "d" };

const refusedSends = (
  [
    ["without a group", { MessageGroupId: undefined }, "MissingParameter"],
    ["without a deduplication ID", { MessageDeduplicationId: undefined }, "InvalidParameterValue"],
    ["with a delay of its own", { DelaySeconds: 1 }, "InvalidParameterValue"],
    ["with a space in its group", { MessageGroupId: "a b" }, "InvalidParameterValue"],
    [
      "with a deduplication ID of 129 characters",
      { MessageDeduplicationId: "x".repeat(129) },
      "InvalidParameterValue",
    ],
  ] as const
).map(([what, change, expected]): Statement<SqsDriver> => {
  return {
    says: `FIFO: a message ${what} is refused`,
    observe: async (sqs) => {
      await sqs.createFifo();
      return await refusal(sqs.sendEntry({ ...whole, ...change }));
    },
    expected,
  };
});

const refusedQueues = (
  [
    ["jobs", { FifoQueue: "true" }, "InvalidParameterValue"],
    ["jobs.fifo", {}, "InvalidParameterValue"],
    ["jobs.fifo", { FifoQueue: "true", DeduplicationScope: "group" }, "InvalidAttributeValue"],
    ["jobs.fifo", { FifoQueue: "true", FifoThroughputLimit: "none" }, "InvalidAttributeValue"],
    [
      "jobs.fifo",
      { FifoQueue: "true", FifoThroughputLimit: "perMessageGroupId" },
      "InvalidAttributeValue",
    ],
  ] as const
).map(([name, attributes, expected]): Statement<SqsDriver> => {
  return {
    says: `FIFO: a queue ${name} with ${JSON.stringify(attributes)} is refused`,
    observe: async (sqs) => await refusal(sqs.createQueue(attributes, name)),
    expected,
  };
});

/** One deduplication ID in two groups. */
const scoped = (
  [
    ["queue", "x"],
    ["messageGroup", "x y"],
  ] as const
).map(([DeduplicationScope, expected]): Statement<SqsDriver> => {
  return {
    says: `FIFO: by scope ${DeduplicationScope} one deduplication ID in two groups delivers ${expected}`,
    observe: async (sqs) => {
      await sqs.createFifo({ DeduplicationScope });
      await sqs.send("x", "a", "same");
      await sqs.send("y", "b", "same");
      await sqs.send("z", "a", "same");
      return await sqs.bodies();
    },
    expected,
  };
});

const FIFO: Statement<SqsDriver>[] = [
  ...refusedQueues,
  ...refusedSends,
  {
    says: "FIFO: a standard queue refuses a deduplication ID rather than losing it",
    observe: async (sqs) => {
      await sqs.createQueue();
      const sent = { MessageBody: "x", MessageDeduplicationId: "d" };
      return await refusal(sqs.sendEntry(sent, "jobs"));
    },
    expected: "InvalidParameterValue",
  },
  {
    says: "FIFO: one receive hands out several of a group, in order, and then none until all are deleted",
    observe: async (sqs) => {
      await fifoWith(sqs, "a1", "a2", "a3", "b1");
      const [first, second] = await sqs.receive({ MaxNumberOfMessages: 2 });
      const seen = [first?.Body, second?.Body, await sqs.bodies()];
      await sqs.remove(first);
      seen.push(await sqs.bodies());
      await sqs.remove(second);
      return [...seen, await sqs.bodies()];
    },
    expected: ["a1", "a2", "b1", "", "a3"],
  },
  {
    says: "FIFO: a message whose visibility is over comes before the later ones of its group",
    observe: async (sqs) => {
      await fifoWith(sqs, "a1", "a2");
      await sqs.receive({ MaxNumberOfMessages: 1, VisibilityTimeout: 1 });
      const during = await sqs.bodies();
      await sqs.wait(1_100);
      return [during, await sqs.bodies()];
    },
    expected: ["", "a1 a2"],
  },
  {
    says: "FIFO: a receipt whose visibility is over deletes nothing, and says so",
    observe: async (sqs) => {
      await fifoWith(sqs, "a1");
      const [late] = await sqs.receive({ VisibilityTimeout: 1 });
      await sqs.wait(1_100);
      return [await sqs.remove(late), await sqs.bodies()];
    },
    expected: ["InvalidParameterValue", "a1"],
  },
  {
    says: "FIFO: a second delete by a valid receipt is no error",
    observe: async (sqs) => {
      await fifoWith(sqs, "a1");
      const [message] = await sqs.receive();
      return [await sqs.remove(message), await sqs.remove(message)];
    },
    expected: ["none", "none"],
  },
  {
    says: "FIFO: a dead letter leaves before the next of its group is handed out, and keeps group and IDs",
    observe: async (sqs) => {
      await sqs.createFifo({}, "dead.fifo");
      const deadLetterTargetArn = sqs.arn("dead.fifo");
      await sqs.createFifo({
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }),
      });
      for (const body of ["a1", "a2", "b1"]) {
        await sqs.send(body);
      }
      await sqs.receive({ MaxNumberOfMessages: 1, VisibilityTimeout: 1 });
      await sqs.wait(1_100);
      const next = await sqs.bodies();
      const [letter] = await sqs.receive({}, "dead.fifo");
      const {
        MessageGroupId: group,
        MessageDeduplicationId: id,
        DeadLetterQueueSourceArn: source,
      } = letter?.Attributes ?? {};
      return [next, letter?.Body, group, id, source === sqs.arn("jobs.fifo")];
    },
    expected: ["a2 b1", "a1", "a", "a1", true],
  },
  {
    says: "FIFO: a duplicate is answered as the first was and not delivered, even after a delete",
    observe: async (sqs) => {
      await sqs.createFifo();
      const first = await sqs.send("a1");
      const [message] = await sqs.receive();
      await sqs.remove(message);
      const second = await sqs.send("other", "b", "a1");
      return [
        second.MessageId === first.MessageId,
        second.SequenceNumber === first.SequenceNumber,
        await sqs.bodies(),
      ];
    },
    expected: [true, true, ""],
  },
  ...scoped,
  {
    says: "FIFO: by content the deduplication ID is the SHA-256 of the body, and one that is given wins",
    observe: async (sqs) => {
      await sqs.createFifo({ ContentBasedDeduplication: "true" });
      const sent = { MessageBody: "x", MessageGroupId: "a" };
      await sqs.sendEntry(sent);
      await sqs.sendEntry(sent);
      await sqs.send("x", "a", "given");
      const ids = (await sqs.receive()).map(deduplicationIdOf);
      return ids;
    },
    expected: ["2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "given"],
  },
  {
    says: "FIFO: sequence numbers rise, and are shown with group and deduplication ID",
    observe: async (sqs) => {
      await sqs.createFifo();
      const sent = [await sqs.send("a1"), await sqs.send("b1"), await sqs.send("a2")];
      const numbers = sent.map(({ SequenceNumber }) => SequenceNumber ?? "");
      const shown = (await sqs.receive()).map(({ Attributes: all = {} }) => all);
      return [
        numbers.every((number, n) => n === 0 || BigInt(number) > BigInt(numbers[n - 1] ?? "")),
        shown.map(({ MessageGroupId }) => MessageGroupId).sort(),
        shown.map(({ MessageDeduplicationId }) => MessageDeduplicationId).sort(),
        shown.every(({ SequenceNumber = "" }) => numbers.includes(SequenceNumber)),
      ];
    },
    expected: [true, ["a", "a", "b"], ["a1", "a2", "b1"], true],
  },
];

function deduplicationIdOf({ Attributes: all = {} }: Message): string | undefined {
  return all["MessageDeduplicationId"];
}

export const SQS_CONTRACT: readonly Statement<SqsDriver>[] = [...STANDARD, ...FIFO];
