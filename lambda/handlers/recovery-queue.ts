/** Where somebody comes back for a grant; asked of the environment, and granted, only where the provider rotates. */
import { readEnvironment } from "../env";
import type { IdpProfile } from "../ports/profile";
import type { Recovery } from "../ports/queues";
import { createSqsClient, createSqsRecovery } from "../queue/sqs-recovery";

export function createRecoveryQueue({ refreshToken }: IdpProfile): Recovery | undefined {
  if (refreshToken.rotation === "none") {
    return undefined;
  }
  const { RECOVERY_QUEUE_URL: url, ORDERED_RECOVERY_QUEUE_URL: orderedUrl } = readEnvironment([
    "RECOVERY_QUEUE_URL",
    "ORDERED_RECOVERY_QUEUE_URL",
  ]);
  return createSqsRecovery({ url, orderedUrl, client: createSqsClient() });
}
