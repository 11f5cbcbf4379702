/** The sweep at the operator's command, with the operator's own AWS credentials. */
import type { DueAt } from "../../lambda/grant/phase";
import type {
  Clock,
  Logger,
  Random,
  RenewalQueue,
  SessionStore,
  UserEraser,
} from "../../lambda/ports";
import { createSqsClient, createSqsRenewals } from "../../lambda/queue/sqs-recovery";
import type { RevokeDependencies } from "../../lambda/refresh/revoke";
import { createEndedMarks } from "../../lambda/store/ended-marks";
import { createGrantStore, type GrantStoreOptions } from "../../lambda/store/grant-store";
import {
  createDisconnectingList,
  createDueList,
  createErasingList,
  createSweepPositions,
} from "../../lambda/store/sweep-lists";
import { LASTING_OF } from "../../lambda/store/written-attributes";
import { createSweep, createSweepPlan } from "../../lambda/use-cases/sweep";

export interface OperatorSweepOptions {
  readonly users: UserEraser;
  readonly usersTable: GrantStoreOptions;
  readonly grantsTable: GrantStoreOptions;
  readonly sessions: SessionStore;
  readonly revocation: RevokeDependencies | undefined;
  readonly dueAt: DueAt | undefined;
  readonly queueUrl: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

export function createOperatorSweep(options: OperatorSweepOptions) {
  const { grantsTable, usersTable, dueAt, queueUrl: url } = options;
  const renewals: RenewalQueue | undefined =
    url === undefined ? undefined : createSqsRenewals({ url, client: createSqsClient() });
  const dependencies = {
    ...options,
    grants: createGrantStore({ ...grantsTable, dueAt, lasting: LASTING_OF.operator }),
    ended: createEndedMarks(grantsTable),
    lists: {
      erasing: createErasingList(usersTable),
      disconnecting: createDisconnectingList(grantsTable),
      // Without the queue no function renews them.
      due: dueAt === undefined || renewals === undefined ? undefined : createDueList(grantsTable),
    },
    positions: createSweepPositions(grantsTable),
    renewals,
  };
  const sweep = createSweep(dependencies);
  return {
    plan: createSweepPlan(dependencies),
    sweep: async (by: string, deadline: number, log: Logger) => await sweep({ by, deadline, log }),
  };
}
