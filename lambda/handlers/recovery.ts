/**
 * Consumes the recovery queues. It refreshes grants as the access-token function does, and returns
 * no token to any caller. No route leads here.
 */
import {
  clientAuthentication,
  createBase,
  grantStore,
  issuanceReader,
  opener,
  recoveryQueue,
  revocation,
  sealer,
  tokenEndpoint,
} from "../composition";
import { readVariable } from "../env";
import { systemTimer } from "../platform/clock";
import { systemRandom } from "../platform/random";
import { readMessage } from "../queue/message";
import { createPatience } from "../refresh/patience";
import { createRecover } from "../refresh/recover";

/** The members of an SQS message in Lambda's event. */
interface SqsRecord {
  readonly messageId: string;
  readonly body: string;
  /** `MessageGroupId` only from a FIFO queue. */
  readonly attributes: {
    readonly ApproximateReceiveCount: string;
    readonly MessageGroupId?: string;
  };
}

interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

const base = createBase(readVariable);
const { clock, profile, settings, dueAt, log } = base;
const recover = createRecover({
  grants: grantStore(base),
  issuance: issuanceReader(base),
  sealer: sealer(base),
  opener: opener(base),
  tokenEndpoint: tokenEndpoint(base),
  clientAuthentication: clientAuthentication(base),
  rotation: profile.refreshToken.rotation,
  patience: createPatience(settings.failingGrantSeconds),
  recovery: recoveryQueue(base),
  revocation: revocation(base),
  dueAt,
  clock,
  timer: systemTimer,
  random: systemRandom,
});

/** Unknown message versions are returned to the queue, for a later version or the operator. */
async function isDone(record: SqsRecord, deadline: number): Promise<boolean> {
  const task = readMessage(record.body);
  if (task === undefined) {
    log.error("recovery", { reason: "unknown_message" });
    return false;
  }
  const begunAt = clock.now();
  try {
    const receiveCount = Number(record.attributes.ApproximateReceiveCount);
    const outcome = await recover({ task, receiveCount, deadline, log });
    log.info("recovery", { route: task.kind, outcome, durationMs: clock.now() - begunAt });
    return outcome === "done";
  } catch (error) {
    log.error("recovery", { reason: "bug", cause: error instanceof Error ? error.name : "" });
    return false;
  }
}

/** Groups records that must be processed one by one: those of one message group. */
function inLines(records: readonly SqsRecord[]): readonly (readonly SqsRecord[])[] {
  const lines = new Map<string, SqsRecord[]>();
  for (const record of records) {
    const line = record.attributes.MessageGroupId ?? record.messageId;
    lines.set(line, [...(lines.get(line) ?? []), record]);
  }
  return [...lines.values()];
}

/**
 * The first record that fails and all after it, as partial batch responses of FIFO queues require
 * (AWS Lambda Developer Guide, "Implementing partial batch responses").
 */
async function failuresOf(
  line: readonly SqsRecord[],
  deadline: number,
): Promise<readonly SqsRecord[]> {
  for (const [at, record] of line.entries()) {
    if (!(await isDone(record, deadline))) {
      return line.slice(at);
    }
  }
  return [];
}

export async function handler(
  event: { readonly Records: readonly SqsRecord[] },
  context: { getRemainingTimeInMillis(): number },
): Promise<BatchAnswer> {
  const deadline = clock.now() + context.getRemainingTimeInMillis();
  const failures = await Promise.all(
    inLines(event.Records).map(async (line) => await failuresOf(line, deadline)),
  );
  return {
    batchItemFailures: failures.flat().map(({ messageId }) => ({ itemIdentifier: messageId })),
  };
}
