/**
 * The recovery queues. A spilled refresh token exists nowhere else, so they are retained like
 * tables.
 */
import { Duration, type RemovalPolicy, Validations } from "aws-cdk-lib";
import {
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
  type QueueProps,
} from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

export interface RecoveryQueueProps {
  /** The timeout of the consuming function: a message that failed returns when it is over. */
  readonly visibilityTimeout: Duration;
  readonly removal: RemovalPolicy;
}

/**
 * The most that SQS allows. At 15 s each, a message of an unknown form returns for four hours, and
 * then waits for the operator.
 */
const MAX_RECEIVE_COUNT = 1_000;
/** The most that SQS allows: how long a spilled token survives an outage of the table. */
const RETENTION = Duration.days(14);

export class RecoveryQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { visibilityTimeout, removal }: RecoveryQueueProps) {
    super(scope, id);
    const deadLetters = encrypted(this, "DeadLetters", { removalPolicy: removal });
    endsHere(
      deadLetters,
      ["Serverless-SQSRedrivePolicy"],
      "it is the end of the way: from here the operator takes over",
    );
    this.deadLetters = deadLetters;
    this.queue = encrypted(this, "Tasks", {
      removalPolicy: removal,
      visibilityTimeout,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
  }
}

/**
 * A FIFO queue: messages of one grant are processed in order, different grants in parallel (SQS
 * Developer Guide, "High throughput for FIFO queues").
 */
export class OrderedRecoveryQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { visibilityTimeout, removal }: RecoveryQueueProps) {
    super(scope, id);
    this.queue = encrypted(this, "Tasks", {
      removalPolicy: removal,
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

function encrypted(scope: Construct, id: string, props: QueueProps): Queue {
  return new Queue(scope, id, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: RETENTION,
    ...props,
  });
}

/**
 * Acknowledges that the queue has no dead letter queue.
 * @param rules that ask for one
 */
function endsHere(queue: Queue, rules: readonly string[], reason: string): void {
  for (const id of rules) {
    Validations.of(queue).acknowledge({ id, reason });
  }
}
