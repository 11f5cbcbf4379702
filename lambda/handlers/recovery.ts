/**
 * Takes tasks from the recovery queues: heals, keeps and renews grants as the access-token function
 * would, and hands nothing to anybody. No route leads here.
 */
import {
  clientSecret,
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
import { createLogger } from "../platform/logger";
import { systemRandom } from "../platform/random";
import { readMessage } from "../queue/message";
import { createPatience } from "../use-cases/patience";
import { createRecover } from "../use-cases/recover";

/** What Lambda hands on of an SQS message. */
interface SqsRecord {
  readonly messageId: string;
  readonly body: string;
  /** `MessageGroupId`: of a FIFO queue alone. */
  readonly attributes: {
    readonly ApproximateReceiveCount: string;
    readonly MessageGroupId?: string;
  };
}

interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

const base = createBase(readVariable);
const { clock, profile, settings, dueAt } = base;
const logger = createLogger({ clock });
const recover = createRecover({
  grants: grantStore(base),
  issuance: issuanceReader(base),
  sealer: sealer(base),
  opener: opener(base),
  tokenEndpoint: tokenEndpoint(base),
  clientSecret: clientSecret(base),
  rotation: profile.refreshToken.rotation,
  patience: createPatience(settings.failingGrantSeconds),
  recovery: recoveryQueue(base),
  revocation: revocation(base),
  dueAt,
  clock,
  timer: systemTimer,
  random: systemRandom,
});

/**
 * What is of no kind that this version knows stays in its queue: for a later version, or the
 * operator.
 */
async function isDone(record: SqsRecord, deadline: number): Promise<boolean> {
  const task = readMessage(record.body);
  if (task === undefined) {
    logger.error("recovery", { reason: "unknown_message" });
    return false;
  }
  const begunAt = clock.now();
  try {
    const receiveCount = Number(record.attributes.ApproximateReceiveCount);
    const outcome = await recover({ task, receiveCount, deadline, log: logger });
    logger.info("recovery", { route: task.kind, outcome, durationMs: clock.now() - begunAt });
    return outcome === "done";
  } catch (error) {
    logger.error("recovery", { reason: "bug", cause: error instanceof Error ? error.name : "" });
    return false;
  }
}

/** What has to be worked at one by one. */
function inLines(records: readonly SqsRecord[]): readonly (readonly SqsRecord[])[] {
  const lines = new Map<string, SqsRecord[]>();
  for (const record of records) {
    const line = record.attributes.MessageGroupId ?? record.messageId;
    lines.set(line, [...(lines.get(line) ?? []), record]);
  }
  return [...lines.values()];
}

/**
 * What fails, and everything behind it (AWS Lambda Developer Guide, "Implementing partial batch
 * responses": FIFO queues).
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
