/** Takes tasks from the recovery queues: heals, keeps and renews grants as the access-token function would, and hands nothing to anybody. No route leads here. */
import { readEnvironment } from "../env";
import { createLogger } from "../http/logger";
import { systemClock, systemRandom, systemTimer } from "../http/system";
import { createClientSecretSource, createSecretsManagerClient } from "../idp/client-secret";
import { createHttpClient } from "../idp/http-client";
import { createProfile } from "../idp/profile";
import { createTokenEndpoint } from "../idp/token-endpoint";
import { createKmsClient } from "../kms/client";
import { createKmsOpener } from "../kms/kms-opener";
import { createKmsSealer } from "../kms/kms-sealer";
import { readMessage } from "../queue/message";
import { createDocumentClient } from "../store/dynamodb";
import { createGrantStore } from "../store/grant-store";
import { createIssuanceReader } from "../store/issuance";
import { createDueAt } from "../grant/phase";
import { createRecover } from "../refresh/recover";
import { createPatience } from "../refresh/patience";
import { createRecoveryQueue } from "./recovery-queue";

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

const env = readEnvironment([
  "IDP_SETTINGS",
  "REFRESH_TOKENS_TABLE",
  "GRANT_KEY_ARN",
  "CLIENT_SECRET_ARN",
]);
const settings = env.IDP_SETTINGS;
const clock = systemClock;
const logger = createLogger({ clock });
const profile = createProfile(settings);
const dueAt = createDueAt(profile);
const table = { table: env.REFRESH_TOKENS_TABLE, client: createDocumentClient() };
const cipher = { keyArn: env.GRANT_KEY_ARN, deployment: settings, client: createKmsClient() };
const dependencies = {
  grants: createGrantStore({ ...table, dueAt }),
  issuance: createIssuanceReader({ ...table, clock }),
  sealer: createKmsSealer(cipher),
  opener: createKmsOpener(cipher),
  tokenEndpoint: createTokenEndpoint({ settings, profile, http: createHttpClient(), clock }),
  clientSecret: createClientSecretSource({
    arn: env.CLIENT_SECRET_ARN,
    client: createSecretsManagerClient(),
    clock,
  }),
  rotation: profile.refreshToken.rotation,
  patience: createPatience(settings.failingGrantSeconds),
  recovery: createRecoveryQueue(profile),
  dueAt,
  clock,
  timer: systemTimer,
  random: systemRandom,
};
const recover = createRecover({
  ...dependencies,
  revocation: settings.revocationEndpoint === undefined ? undefined : dependencies,
});

/** What is of no kind that this version knows stays in its queue: for a later version, or the operator. */
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

/** What fails, and everything behind it (AWS Lambda Developer Guide, "Implementing partial batch responses": FIFO queues). */
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
