/**
 * Tasks for grants that nobody asks for. A spilled successor is nowhere else: the queues are
 * retained like a table.
 */
import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import {
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
  type QueueProps,
} from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

export interface RecoveryQueueProps {
  /**
   * Timeout of the function that takes from it: what that fails comes again when it is over, so
   * that no successor waits longer.
   */
  readonly visibilityTimeout: Duration;
}

/**
 * The most that SQS allows. At fifteen seconds each: what is of no form that the function knows
 * comes for four hours, and then waits for the operator.
 */
const MAX_RECEIVE_COUNT = 1_000;
/** The most that SQS allows: how long a successor outlasts an outage of the table. */
const RETENTION = Duration.days(14);

export class RecoveryQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { visibilityTimeout }: RecoveryQueueProps) {
    super(scope, id);
    const deadLetters = retained(this, "DeadLetters", {});
    endsHere(
      deadLetters,
      ["Serverless-SQSRedrivePolicy"],
      "it is the end of the way: from here the operator takes over",
    );
    this.queue = retained(this, "Tasks", {
      visibilityTimeout,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
  }
}

/**
 * The tasks of one grant are worked at in the order in which they were sent; as many grants at once
 * as there are ("high throughput for FIFO queues").
 */
export class OrderedRecoveryQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { visibilityTimeout }: RecoveryQueueProps) {
    super(scope, id);
    this.queue = retained(this, "Tasks", {
      fifo: true,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      visibilityTimeout,
    });
    endsHere(
      this.queue,
      ["Serverless-SQSRedrivePolicy", "AwsSolutions-SQS3"],
      "what is behind a successor must never come before it, however long that takes",
    );
  }
}

function retained(scope: Construct, id: string, props: QueueProps): Queue {
  return new Queue(scope, id, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: RETENTION,
    removalPolicy: RemovalPolicy.RETAIN,
    ...props,
  });
}

/** There are no dead letters. @param rules that ask for some */
function endsHere(queue: Queue, rules: readonly string[], reason: string): void {
  for (const id of rules) {
    Validations.of(queue).acknowledge({ id, reason });
  }
}
