import type { Template } from "aws-cdk-lib/assertions";
import { LEASE_MARGIN_MS } from "../../lambda/deadlines";
import { MAX_TIME_LIMITS } from "../../lambda/time-limits";
import { MAX_ITEMS } from "../../lambda/use-cases/sweep";
import { idleSecondsNeeded } from "../../lib/function-timeouts";
import type { Stage } from "../../lib/stage";
import { onlyResource, resourcesOf, STAGE, synthesize } from "./synth";

function stageWith(idp: Partial<Stage["idp"]>): Stage {
  return { ...STAGE, idp: { ...STAGE.idp, profile: "oidc", ...idp } };
}

/** A delay is in whole seconds. */
const SQS_DELAY_STEP_MS = 1_000;
/** lambda/idp/token-endpoint.ts */
const TOKEN_REQUEST_MS = 4_000;

const ROTATING = synthesize(stageWith({ refreshTokenRotation: "strict" }));
/** Until a consumer has what is due, twice: the message of the watchdog sends another one. */
const HAND_OVER_MS = 2 * 500;
const NAMED = (names: (readonly [string, unknown])[]) => names.map(([id]) => id);

/** In seconds, of a function. @param api @default the rotating stage's */
function timeoutOf(label: string, api = ROTATING.api): unknown {
  const functions = resourcesOf(api, "AWS::Lambda::Function");
  return functions.find(([id]) => id.startsWith(label))?.[1].Properties["Timeout"];
}

/** The one rule that is a schedule; the others watch changes of keys and secrets. */
function scheduleOf(api: Template): Readonly<Record<string, unknown>> {
  const rules = resourcesOf(api, "AWS::Events::Rule").map(([, { Properties }]) => Properties);
  const schedules = rules.filter((rule) => "ScheduleExpression" in rule);
  expect(schedules).toHaveLength(1);
  return schedules[0] ?? {};
}

describe("for a provider that neither rotates nor lets tokens lapse", () => {
  test.each([
    ["Rollup ID", STAGE],
    ["another one", stageWith({ refreshTokenRotation: "none" })],
  ])("%s: there is no queue, no consumer, no index of what is due", (_, stage) => {
    const { api, data } = synthesize(stage);
    for (const template of [api, data]) {
      expect(resourcesOf(template, "AWS::SQS::Queue")).toEqual([]);
      expect(resourcesOf(template, "AWS::Lambda::EventSourceMapping")).toEqual([]);
      expect(JSON.stringify(template.toJSON())).not.toMatch(/AWS::SQS|sqs:|byDue|RECOVERY_QUEUE/);
    }
    const functions = NAMED(resourcesOf(api, "AWS::Lambda::Function"));
    expect(functions.filter((id) => id.startsWith("Recovery"))).toEqual([]);
  });
});

describe("S55: the recovery queue", () => {
  const queues = resourcesOf(ROTATING.data, "AWS::SQS::Queue");

  test.each(queues)(
    "%s is retained, encrypted, and keeps what it has for fourteen days",
    (_, queue) => {
      expect(queue).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
      expect(queue.Properties).toMatchObject({
        SqsManagedSseEnabled: true,
        MessageRetentionPeriod: 14 * 86_400,
      });
    },
  );

  test("gives a task to the operator only after a thousand times", () => {
    const redrive = queues.map(([, { Properties }]) => Properties["RedrivePolicy"]);
    expect(redrive.filter((policy) => policy !== undefined)).toEqual([
      { maxReceiveCount: 1_000, deadLetterTargetArn: expect.objectContaining({}) },
    ]);
  });

  test("that keeps the order within a grant gives nothing away, and no grant waits for another", () => {
    expect(queues.map(([id]) => id.replace(/Tasks.*|DeadLetters.*/, ""))).toEqual([
      "Recovery",
      "Recovery",
      "OrderedRecovery",
    ]);
    const ordered = queues.find(([id]) => id.startsWith("Ordered"))?.[1].Properties ?? {};
    expect(ordered).toMatchObject({
      FifoQueue: true,
      DeduplicationScope: "messageGroup",
      FifoThroughputLimit: "perMessageGroupId",
    });
    expect(ordered).not.toHaveProperty("RedrivePolicy");
  });

  test("takes nothing that does not come over TLS", () => {
    const policies = resourcesOf(ROTATING.data, "AWS::SQS::QueuePolicy");
    expect(policies).toHaveLength(3);
    for (const [, { Properties }] of policies) {
      expect(Properties["PolicyDocument"]).toMatchObject({
        Statement: [{ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }],
      });
    }
  });

  test("is emptied in small batches whose failures come back one by one, no sooner than the function is over", () => {
    const mappings = resourcesOf(ROTATING.api, "AWS::Lambda::EventSourceMapping");
    for (const [, { Properties }] of mappings) {
      expect(Properties).toMatchObject({
        BatchSize: 5,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      });
    }
    const sources = queues.filter(([id]) => id.includes("Tasks"));
    expect(sources.map(([, { Properties }]) => Properties["VisibilityTimeout"])).toEqual([
      timeoutOf("Recovery"),
      timeoutOf("Recovery"),
    ]);
  });

  test.each([
    [{ reservedConcurrency: { recovery: 1 } }, [2, 2]],
    [{}, [2, 4]],
    [{ recoveryConcurrency: 5 }, [2, 3]],
    [{ reservedConcurrency: { recovery: 20 } }, [6, 14]],
    [{ reservedConcurrency: { recovery: 20 }, recoveryConcurrency: 10 }, [3, 7]],
  ])(
    "of the instances of %j the ordered queue has two thirds, and each the two that Lambda asks for: %j",
    (changes, expected) => {
      const { api } = synthesize({
        ...stageWith({ refreshTokenRotation: "grace" }),
        ...changes,
      });
      const mappings = resourcesOf(api, "AWS::Lambda::EventSourceMapping");
      const most = mappings.map(([, { Properties }]) => Properties["ScalingConfig"]);
      expect(most).toEqual(expected.map((MaximumConcurrency) => ({ MaximumConcurrency })));
    },
  );

  test.each([
    ["AccessToken", 13],
    ["Recovery", 15],
  ])(
    "whoever dies in %s holding a lease is replaced in time: lease, messages and the slowest exchange take 25 s at most",
    (label, seconds) => {
      expect(timeoutOf(label)).toBe(seconds);
      const takeOverMs = SQS_DELAY_STEP_MS + HAND_OVER_MS + TOKEN_REQUEST_MS;
      expect(seconds * 1_000 + LEASE_MARGIN_MS + takeOverMs).toBeLessThanOrEqual(25_000);
    },
  );

  test("renews a token within half of the shortest time in which it may lapse, with the longest limits", () => {
    const { api } = synthesize(
      stageWith({
        refreshTokenRotation: "strict",
        ...MAX_TIME_LIMITS,
        refreshTokenIdleSeconds: 1_800,
      }),
    );
    expect(scheduleOf(api)["ScheduleExpression"]).toBe("rate(5 minutes)");
    // The last message of a run that finds as much as it may (lambda/use-cases/sweep.ts).
    const lastDelay = Math.floor((MAX_ITEMS.due - 1) / 5);
    const run = Number(timeoutOf("Sweep", api));
    const longest = 5 * 60 + run + lastDelay + Number(timeoutOf("Recovery", api));
    expect(longest).toBe(300 + 60 + 299 + 23);
    expect(idleSecondsNeeded()).toBe(1_374);
    expect(idleSecondsNeeded() / 2).toBeGreaterThan(longest);
  });

  test("is there, too, where tokens only lapse unused, with the index of what is due", () => {
    const { data } = synthesize(
      stageWith({ refreshTokenRotation: "none", refreshTokenIdleSeconds: 86_400 }),
    );
    expect(resourcesOf(data, "AWS::SQS::Queue")).toHaveLength(2);
    const tables = JSON.stringify(resourcesOf(data, "AWS::DynamoDB::Table"));
    expect(tables.split('"byDue"')).toHaveLength(2);
  });
});

test("the sweeper runs every five minutes in every stage, and no failed run is repeated but by the next one", () => {
  for (const { api } of [ROTATING, synthesize()]) {
    expect(scheduleOf(api)).toMatchObject({
      ScheduleExpression: "rate(5 minutes)",
      State: "ENABLED",
      Targets: [{ RetryPolicy: { MaximumRetryAttempts: 0 } }],
    });
    expect(onlyResource(api, "AWS::Lambda::EventInvokeConfig").Properties).toMatchObject({
      MaximumRetryAttempts: 0,
    });
  }
});
