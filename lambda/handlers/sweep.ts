/**
 * Every five minutes: finishes interrupted erasures and disconnects, and sends due grants to the
 * recovery queue. No route leads here.
 */
import {
  createBase,
  endedMarks,
  grantStore,
  refreshTokensTable,
  renewalQueue,
  revocation,
  sessionStore,
  usersTable,
} from "../composition";
import { readVariable } from "../env";
import { systemRandom } from "../platform/random";
import { LASTING_OF } from "../store/lasting-attributes";
import {
  createDisconnectingList,
  createDueList,
  createErasingList,
  createSweepPositions,
} from "../store/sweep-lists";
import { createUserEraser } from "../store/user-eraser";
import { createSweep } from "../use-cases/sweep";

const base = createBase(readVariable);
const { clock, dueAt, log } = base;
const grantsTable = refreshTokensTable(base);

const sweep = createSweep({
  users: createUserEraser(usersTable(base)),
  grants: grantStore(base, LASTING_OF.sweep),
  ended: endedMarks(base),
  sessions: sessionStore(base),
  revocation: revocation(base),
  lists: {
    erasing: createErasingList(usersTable(base)),
    disconnecting: createDisconnectingList(grantsTable),
    due: dueAt === undefined ? undefined : createDueList(grantsTable),
  },
  positions: createSweepPositions(grantsTable),
  renewals: renewalQueue(base),
  clock,
  random: systemRandom,
});

/**
 * @throws Error where an entry failed, so that the function's Errors metric shows it; the next run
 * tries again
 */
export async function handler(
  _event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<void> {
  const deadline = clock.now() + context.getRemainingTimeInMillis();
  const report = await sweep({ by: "sweep", deadline, log });
  for (const [list, { done, failed }] of Object.entries(report)) {
    log.info("swept", { route: list, outcome: "done", count: done });
    if (failed > 0) {
      log.error("swept", { route: list, outcome: "failed", count: failed });
    }
  }
  if (Object.values(report).some(({ failed }) => failed > 0)) {
    throw new Error("not everything could be swept");
  }
}
