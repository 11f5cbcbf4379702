/**
 * A small CDK app, synthesized for real: a queue with dead letters that invokes a function, and a
 * schedule that invokes another.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, CfnOutput, Duration, SecretValue, Stack } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { Code, Function as Lambda, Runtime } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource, type SqsEventSourceProps } from "aws-cdk-lib/aws-lambda-event-sources";
import { Schedule as Timer, ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Queue, type QueueProps } from "aws-cdk-lib/aws-sqs";

export interface QueueAppOptions {
  /** Both queues. */
  readonly fifo?: true;
  readonly queue?: QueueProps;
  readonly source?: SqsEventSourceProps;
  readonly schedule?: Schedule;
}

/** Says what it was given on its output; a message's body says what becomes of it. */
const PROBE = `
exports.handler = async (event) => {
  console.log(JSON.stringify(event));
  const bodies = (event.Records ?? []).map(({ body }) => JSON.parse(body));
  if (bodies.some(({ outcome }) => outcome === "crash")) process.exit(3);
  if (bodies.some(({ outcome }) => outcome === "throw")) throw new Error("thrown");
  const failed = (event.Records ?? []).filter(
    ({ body, attributes }) =>
      JSON.parse(body).outcome === "fail" ||
      (JSON.parse(body).outcome === "fail once" && attributes.ApproximateReceiveCount === "1"),
  );
  return {
    endpoint: process.env.AWS_ENDPOINT_URL_SQS,
    batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })),
  };
};`;

/** @returns folder of the cloud assembly */
export function synthesizeQueueApp(folder: string, options: QueueAppOptions = {}): string {
  const code = join(folder, "code");
  mkdirSync(code, { recursive: true });
  writeFileSync(join(code, "index.js"), PROBE);
  const app = new App({ outdir: join(folder, "cdk.out"), analyticsReporting: false });
  const stack = new Stack(app, "Probe");
  new Secret(stack, "ClientSecret", { secretStringValue: SecretValue.unsafePlainText("unused") });
  const lambda = (id: string) =>
    new Lambda(stack, id, {
      code: Code.fromAsset(code),
      handler: "index.handler",
      runtime: Runtime.NODEJS_24_X,
      timeout: Duration.seconds(2),
    });
  const kind = options.fifo && { fifo: true };
  const dead = new Queue(stack, "Dead", kind);
  const queue = new Queue(stack, "Jobs", {
    enforceSSL: true,
    visibilityTimeout: Duration.seconds(2),
    deadLetterQueue: { queue: dead, maxReceiveCount: 2 },
    ...kind,
    ...options.queue,
  });
  const worker = lambda("Worker");
  worker.addEventSource(
    new SqsEventSource(queue, { batchSize: 10, reportBatchItemFailures: true, ...options.source }),
  );
  new Rule(stack, "Sweep", {
    schedule: options.schedule ?? Schedule.rate(Duration.minutes(5)),
    targets: [new LambdaFunction(lambda("Sweeper"))],
  });
  new Timer(stack, "Timer", {
    schedule: ScheduleExpression.rate(Duration.hours(1)),
    target: new LambdaInvoke(lambda("Timed")),
  });
  new CfnOutput(stack, "JobsUrl", { value: queue.queueUrl });
  new CfnOutput(stack, "JobsArn", { value: queue.queueArn });
  new CfnOutput(stack, "DeadUrl", { value: dead.queueUrl });
  app.synth();
  return app.outdir;
}
