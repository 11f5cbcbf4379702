/** The sweep at the operator's command, with the operator's own AWS credentials. */
import { type Base, refreshTokensTable, usersTable } from "../../lambda/composition";
import { systemRandom } from "../../lambda/platform/random";
import type { RenewalQueue } from "../../lambda/ports/queues";
import type { Logger } from "../../lambda/ports/runtime";
import type { EndedMarks, GrantStore, SessionStore, UserEraser } from "../../lambda/ports/stores";
import type { RevokeDependencies } from "../../lambda/refresh/revoke";
import {
  createDisconnectingList,
  createDueList,
  createErasingList,
  createSweepPositions,
} from "../../lambda/store/sweep-lists";
import { createSweep, createSweepPlan } from "../../lambda/use-cases/sweep";

export interface OperatorSweepOptions {
  readonly users: UserEraser;
  readonly grants: GrantStore;
  readonly ended: EndedMarks;
  readonly sessions: SessionStore;
  readonly revocation: RevokeDependencies | undefined;
  readonly renewals: RenewalQueue | undefined;
}

export function createOperatorSweep(base: Base, options: OperatorSweepOptions) {
  const { dueAt, clock } = base;
  const grantsTable = refreshTokensTable(base);
  const dependencies = {
    ...options,
    lists: {
      erasing: createErasingList(usersTable(base)),
      disconnecting: createDisconnectingList(grantsTable),
      // Without the queue no function renews them.
      due:
        dueAt === undefined || options.renewals === undefined
          ? undefined
          : createDueList(grantsTable),
    },
    positions: createSweepPositions(grantsTable),
    clock,
    random: systemRandom,
  };
  const sweep = createSweep(dependencies);
  return {
    plan: createSweepPlan(dependencies),
    sweep: async (by: string, deadline: number, log: Logger) => await sweep({ by, deadline, log }),
  };
}
