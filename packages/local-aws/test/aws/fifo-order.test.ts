/** In which order a FIFO queue hands out what it has, and what it holds back. */
import fc from "fast-check";
import { createSqsByHand, type SqsByHand } from "./sqs-by-hand";

let sqs: SqsByHand;

beforeEach(() => {
  sqs = createSqsByHand();
});

afterEach(() => {
  sqs.close();
});

test("a message whose visibility is over comes again before the later ones of its group, over a restart, too", () => {
  sqs.create();
  ["a1", "a2", "a3"].forEach((body) => sqs.send(body));
  const [, second] = sqs.receive({ MaxNumberOfMessages: 2, VisibilityTimeout: 10 });
  sqs.remove(second!);
  sqs.wait(9_999);
  expect(sqs.bodies()).toBe("");
  sqs.wait(1);
  sqs.restart();
  expect(sqs.bodies()).toBe("a1 a3");
});

test("what is received too often goes to the dead letters in its group, before the next is handed out", () => {
  const DeadUrl = "/0/dead.fifo";
  const deadLetterTargetArn = "arn:aws:sqs:us-east-1:000000000000:dead.fifo";
  sqs.create({}, "dead.fifo");
  sqs.create({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }) });
  ["a1", "a2", "b1"].forEach((body) => sqs.send(body));
  sqs.receive({ MaxNumberOfMessages: 1 });
  sqs.wait(30_000);
  sqs.restart();
  expect(sqs.bodies()).toBe("a2 b1");
  const [letter] = sqs.receive({ QueueUrl: DeadUrl });
  expect(letter).toMatchObject({
    Body: "a1",
    Attributes: {
      MessageGroupId: "a",
      MessageDeduplicationId: "a1",
      SentTimestamp: String(sqs.now()),
      DeadLetterQueueSourceArn: expect.stringMatching(/:jobs\.fifo$/),
    },
  });
  expect(sqs.send("a1").MessageId).toBe(letter?.MessageId);
  sqs.call("SendMessage", {
    QueueUrl: DeadUrl,
    MessageBody: "own",
    MessageGroupId: "z",
    MessageDeduplicationId: "a1",
  });
  expect(sqs.bodies({ QueueUrl: DeadUrl })).toBe("own");
});

test("what is too old is gone, and no longer in the way of its group", () => {
  sqs.create({ MessageRetentionPeriod: "60", VisibilityTimeout: "600" });
  sqs.send("a1");
  sqs.receive();
  sqs.wait(30_000);
  sqs.send("a2");
  expect(sqs.bodies()).toBe("");
  sqs.wait(30_001);
  expect(sqs.bodies()).toBe("a2");
});

test("a long poll waits for as long as every group is blocked, and not longer", () => {
  sqs.create();
  expect(sqs.nextIn()).toBe(Infinity);
  ["a1", "a2"].forEach((body) => sqs.send(body));
  expect(sqs.nextIn()).toBe(0);
  const [first] = sqs.receive({ MaxNumberOfMessages: 1 });
  expect(sqs.nextIn()).toBe(30_000);
  sqs.send("b1");
  expect(sqs.nextIn()).toBe(0);
  sqs.receive({ VisibilityTimeout: 10 });
  expect(sqs.nextIn()).toBe(10_000);
  sqs.remove(first!);
  expect(sqs.nextIn()).toBe(0);
});

test("a retry by ReceiveRequestAttemptId is refused rather than answered with other messages", () => {
  sqs.create();
  expect(sqs.refusal("ReceiveMessage", { ReceiveRequestAttemptId: "x" })).toBe(
    "ValidationException",
  );
});

type Step =
  | { readonly kind: "send"; readonly group: string }
  | { readonly kind: "receive"; readonly limit: number; readonly seconds: number }
  | { readonly kind: "delete"; readonly at: number }
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "restart" };

const kinds = <K extends string>(...names: readonly K[]) => fc.constantFrom(...names);
const some = (max: number, min = 0) => fc.integer({ min, max });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: kinds("send"), group: fc.constantFrom("a", "b", "c") }),
  fc.record({ kind: kinds("receive"), limit: some(4, 1), seconds: some(9) }),
  fc.record({ kind: kinds("delete"), at: some(20) }),
  fc.record({ kind: kinds("wait"), seconds: some(9, 1) }),
  fc.record({ kind: kinds("restart") }),
);

/** What a FIFO queue promises, beside one that has to keep it. */
function createModel() {
  sqs.create();
  const sent: string[] = [];
  /** Each of them when it came for the first time. */
  const came = new Set<string>();
  const deleted = new Set<string>();
  const held = new Map<string, { readonly receipt: string; readonly until: number }>();
  const group = (body: string): string => body.charAt(0);
  const isHeld = (body: string): boolean => (held.get(body)?.until ?? 0) > sqs.now();
  const left = (): string[] => sent.filter((body) => !deleted.has(body));
  const open = (): string[] => {
    const blocked = new Set(left().filter(isHeld).map(group));
    return left().filter((body) => !blocked.has(group(body)));
  };

  const receive = (limit: number, VisibilityTimeout: number): string[] => {
    const expected = open().slice(0, limit);
    expect(sqs.nextIn() <= 0).toBe(expected.length > 0);
    const options = { MaxNumberOfMessages: limit, VisibilityTimeout };
    const messages = sqs.receive(options);
    expect(messages.map(({ Body }) => Body)).toEqual(expected);
    const until = sqs.now() + VisibilityTimeout * 1000;
    for (const { Body, ReceiptHandle: receipt } of messages) {
      came.add(Body);
      held.set(Body, { receipt, until });
    }
    return expected;
  };
  const end = (body: string): void => {
    const ReceiptHandle = held.get(body)?.receipt;
    const outcome = sqs.refusal("DeleteMessage", { ReceiptHandle });
    expect(outcome).toBe(isHeld(body) ? "none" : "InvalidParameterValue");
    if (outcome === "none") {
      deleted.add(body);
    }
    held.delete(body);
  };
  return {
    play: (next: Step): void => {
      const bodies = [...held.keys()];
      if (next.kind === "send") {
        const body = `${next.group}${String(sent.length)}`;
        sent.push(body);
        const ids = { MessageGroupId: next.group, MessageDeduplicationId: body };
        sqs.call("SendMessage", { MessageBody: body, ...ids });
      } else if (next.kind === "receive") {
        receive(next.limit, next.seconds);
      } else if (next.kind === "wait") {
        sqs.wait(next.seconds * 1000);
      } else if (next.kind === "restart") {
        sqs.restart();
      } else if (bodies.length > 0) {
        end(bodies[next.at % bodies.length]!);
      }
    },
    /** Receives and deletes what is left. */
    drain: (): void => {
      sqs.wait(10_000);
      for (let bodies = receive(10, 1); bodies.length > 0; bodies = receive(10, 1)) {
        bodies.forEach(end);
      }
      expect(left()).toEqual([]);
      for (const name of ["a", "b", "c"]) {
        const of = (bodies: Iterable<string>) => [...bodies].filter((body) => group(body) === name);
        expect(of(came)).toEqual(of(sent));
      }
    },
  };
}

test("with any sends, receives and restarts a group comes in the order in which it was sent, to one receiver at a time, and nothing is lost", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      sqs.close();
      sqs = createSqsByHand();
      const model = createModel();
      steps.forEach(model.play);
      model.drain();
    }),
    { numRuns: 200 },
  );
});
