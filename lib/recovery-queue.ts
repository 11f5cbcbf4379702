/** Tasks for grants that nobody asks for. A spilled successor is nowhere else: the queue is retained like a table. */
import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import {
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
  type QueueProps,
} from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

/**
 * Of the function that takes from the queue (lib/upkeep.ts): what it fails comes again when it is over, so that no successor waits longer; and
 * it holds leases itself, so it is no longer than it has to be (decision 0023): three seconds of waiting, ten for an exchange, two for the way.
 */
export const RECOVERY_TIMEOUT = Duration.seconds(15);

/** The most that SQS allows. At fifteen seconds each: an outage of four hours before a successor waits for the operator. */
const MAX_RECEIVE_COUNT = 1_000;
const RETENTION = Duration.days(14);
/** As many grants at once as there are: order is kept within a grant alone ("high throughput for FIFO queues"). */
const FIFO: QueueProps = {
  fifo: true,
  deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
  fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
};

export interface RecoveryQueueProps {
  /** Tasks of one grant are worked at in the order in which they were sent. */
  readonly isOrdered?: boolean;
}

export class RecoveryQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { isOrdered = false }: RecoveryQueueProps = {}) {
    super(scope, id);
    const kind = isOrdered ? FIFO : {};
    const deadLetters = this.retained("DeadLetters", kind);
    Validations.of(deadLetters).acknowledge({
      id: "Serverless-SQSRedrivePolicy",
      reason: "it is the end of the way: from here the operator takes over",
    });
    this.queue = this.retained("Tasks", {
      ...kind,
      visibilityTimeout: RECOVERY_TIMEOUT,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
  }

  private retained(id: string, props: QueueProps): Queue {
    return new Queue(this, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: RETENTION,
      removalPolicy: RemovalPolicy.RETAIN,
      ...props,
    });
  }
}
