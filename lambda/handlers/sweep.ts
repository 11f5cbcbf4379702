/** Every five minutes: finishes erasures and disconnects that broke off, and hands what is due to the recovery queue. No route leads here. */
import { readEnvironment } from "../env";
import { createLogger } from "../http/logger";
import { systemClock, systemRandom } from "../http/system";
import { createHttpClient } from "../idp/http-client";
import { createProfile } from "../idp/profile";
import { createSqsClient, createSqsRenewals } from "../queue/sqs-recovery";
import type { RenewalQueue } from "../ports";
import { createDocumentClient } from "../store/dynamodb";
import { createEndedMarks } from "../store/ended-marks";
import { createGrantStore } from "../store/grant-store";
import { createSessionStore } from "../store/session-store";
import {
  createDisconnectingList,
  createDueList,
  createErasingList,
  createSweepPositions,
} from "../store/sweep-lists";
import { createUserEraser } from "../store/user-eraser";
import { LASTING_OF } from "../store/written-attributes";
import { createDueAt } from "../grant/phase";
import { createSweep } from "../use-cases/sweep";
import { createRevocation } from "./revocation";

const env = readEnvironment([
  "IDP_SETTINGS",
  "USERS_TABLE",
  "REFRESH_TOKENS_TABLE",
  "SESSIONS_TABLE",
]);
const settings = env.IDP_SETTINGS;
const clock = systemClock;
const logger = createLogger({ clock });
const http = createHttpClient();
const profile = createProfile(settings);
const dueAt = createDueAt(profile);
const client = createDocumentClient();
const users = { table: env.USERS_TABLE, client };
const grants = { table: env.REFRESH_TOKENS_TABLE, client };

/** There is a queue exactly where something can be due. */
function createRenewals(): RenewalQueue | undefined {
  if (dueAt === undefined) {
    return undefined;
  }
  const { RECOVERY_QUEUE_URL: url } = readEnvironment(["RECOVERY_QUEUE_URL"]);
  return createSqsRenewals({ url, client: createSqsClient() });
}

const sweep = createSweep({
  users: createUserEraser(users),
  grants: createGrantStore({ ...grants, dueAt, lasting: LASTING_OF.sweep }),
  ended: createEndedMarks(grants),
  sessions: createSessionStore({ table: env.SESSIONS_TABLE, client }),
  revocation: createRevocation({ clock, http, profile, verification: { settings } }),
  lists: {
    erasing: createErasingList(users),
    disconnecting: createDisconnectingList(grants),
    due: dueAt === undefined ? undefined : createDueList(grants),
  },
  positions: createSweepPositions(grants),
  renewals: createRenewals(),
  clock,
  random: systemRandom,
});

/** @throws Error where something could not be done, so that the function's metric of errors shows it; the next run tries again */
export async function handler(
  _event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<void> {
  const deadline = clock.now() + context.getRemainingTimeInMillis();
  const report = await sweep({ by: "sweep", deadline, log: logger });
  for (const [list, { done, failed }] of Object.entries(report)) {
    logger.info("swept", { route: list, outcome: "done", count: done });
    if (failed > 0) {
      logger.error("swept", { route: list, outcome: "failed", count: failed });
    }
  }
  if (Object.values(report).some(({ failed }) => failed > 0)) {
    throw new Error("not everything could be swept");
  }
}
