import { LEASE_MARGIN_MS } from "../../lambda/use-cases/exchange";
import { INBOX_WAIT_MS } from "../../lambda/use-cases/recoverable";
import type { StageConfig } from "../../lib/stage";
import { onlyResource, resourcesOf, STAGE, synthesize } from "./synth";

function stageWith(idp: Partial<StageConfig["idp"]>): StageConfig {
  return { ...STAGE, idp: { ...STAGE.idp, profile: "oidc", ...idp } };
}

/** A delay is in whole seconds. */
const SQS_DELAY_STEP_MS = 1_000;
/** lambda/idp/token-endpoint.ts */
const TOKEN_REQUEST_MS = 4_000;

const ROTATING = synthesize(stageWith({ refreshTokenRotation: "strict" }));
const NAMED = (names: (readonly [string, unknown])[]) => names.map(([id]) => id);

/** In seconds, of a function of the rotating stage. */
function timeoutOf(label: string): unknown {
  const functions = resourcesOf(ROTATING.api, "AWS::Lambda::Function");
  return functions.find(([id]) => id.startsWith(label))?.[1].Properties["Timeout"];
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
      expect(JSON.stringify(template.toJSON())).not.toMatch(/sqs|byDue|RECOVERY_QUEUE/i);
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
    expect(queues).toHaveLength(2);
    const redrive = queues.map(([, { Properties }]) => Properties["RedrivePolicy"]);
    expect(redrive.filter((policy) => policy !== undefined)).toEqual([
      {
        maxReceiveCount: 1_000,
        deadLetterTargetArn: expect.objectContaining({}),
      },
    ]);
  });

  test("takes nothing that does not come over TLS", () => {
    const policies = resourcesOf(ROTATING.data, "AWS::SQS::QueuePolicy");
    expect(policies).toHaveLength(2);
    for (const [, { Properties }] of policies) {
      expect(Properties["PolicyDocument"]).toMatchObject({
        Statement: [{ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }],
      });
    }
  });

  test("is emptied in small batches whose failures come back one by one, no sooner than the function is over", () => {
    const mapping = onlyResource(ROTATING.api, "AWS::Lambda::EventSourceMapping").Properties;
    expect(mapping).toMatchObject({
      BatchSize: 5,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
    const [, tasks] = queues.find(([, { Properties }]) => Properties["RedrivePolicy"]) ?? [];
    expect(tasks?.Properties["VisibilityTimeout"]).toBe(timeoutOf("Recovery"));
  });

  test.each([
    ["AccessToken", 13],
    ["Recovery", 15],
  ])(
    "whoever dies in %s holding a lease is replaced in time: lease, message, wait for a spilled successor and the slowest exchange take 25 s at most",
    (label, seconds) => {
      expect(timeoutOf(label)).toBe(seconds);
      const takeOverMs = SQS_DELAY_STEP_MS + INBOX_WAIT_MS + TOKEN_REQUEST_MS;
      expect(seconds * 1_000 + LEASE_MARGIN_MS + takeOverMs).toBeLessThanOrEqual(25_000);
    },
  );

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
    expect(onlyResource(api, "AWS::Events::Rule").Properties).toMatchObject({
      ScheduleExpression: "rate(5 minutes)",
      State: "ENABLED",
      Targets: [{ RetryPolicy: { MaximumRetryAttempts: 0 } }],
    });
    expect(onlyResource(api, "AWS::Lambda::EventInvokeConfig").Properties).toMatchObject({
      MaximumRetryAttempts: 0,
    });
  }
});
