/** What SQS tells CloudWatch of its queues. */
import { createQueues } from "../../src/aws/queues";

const START = Date.UTC(2026, 0, 1);
const TARGET = "arn:aws:sqs:us-east-1:000000000000:dead";

function world(attributes: Readonly<Record<string, string>> = {}) {
  let now = START;
  const queues = createQueues(undefined, () => now);
  queues.create("dead", {});
  queues.create("jobs", { VisibilityTimeout: "10", ...attributes });
  const jobs = queues.get("jobs");
  return {
    queues,
    jobs,
    wait: (seconds: number): void => {
      now += seconds * 1000;
    },
    ages: () => ["jobs", "dead"].map((name) => queues.get(name).ageOfOldest() / 1000),
  };
}

test("the age is that of the oldest message which is not deleted; of none it is zero", () => {
  const { jobs, wait, ages } = world();
  expect(ages()).toEqual([0, 0]);
  jobs.send("first", undefined);
  wait(60);
  jobs.send("second", undefined);
  expect(ages()).toEqual([60, 0]);
  const [first] = jobs.receive(1, undefined);
  expect(ages()).toEqual([60, 0]);
  jobs.delete(first!.receipt!);
  wait(5);
  expect(ages()).toEqual([5, 0]);
});

test("what is received again and again goes behind the others", () => {
  const { jobs, wait, ages } = world();
  jobs.send("never works", undefined);
  for (let receives = 0; receives < 3; receives += 1) {
    jobs.receive(1, undefined);
    wait(10);
  }
  expect(ages()).toEqual([30, 0]);
  jobs.receive(1, undefined);
  expect(ages()).toEqual([0, 0]);
});

test("a dead letter is as old as its death", () => {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: TARGET, maxReceiveCount: 1 });
  const { queues, jobs, wait, ages } = world({ RedrivePolicy });
  jobs.send("never works", undefined);
  jobs.receive(1, undefined);
  wait(10);
  jobs.receive(1, undefined);
  wait(7);
  expect(ages()).toEqual([0, 7]);
  expect(queues.get("dead").counts().visible).toBe(1);
});
