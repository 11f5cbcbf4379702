/** `rollup-vault admin move`, wired: it opens and seals with the operator's own AWS credentials. */
import { createDueAt } from "../../lambda/grant/phase";
import { createProfile } from "../../lambda/idp/profile";
import { createKmsClient } from "../../lambda/kms/client";
import { createKmsOpener } from "../../lambda/kms/kms-opener";
import { createKmsSealer } from "../../lambda/kms/kms-sealer";
import type { Clock, EndedMarks, Random, SessionStore, Timer } from "../../lambda/ports";
import { createSqsClient, createSqsRenewals } from "../../lambda/queue/sqs-recovery";
import { createGrantMover } from "../../lambda/store/grant-mover";
import type { GrantStoreOptions } from "../../lambda/store/grant-store";
import { createMoveJournal } from "../../lambda/store/move-journal";
import { createUserMover } from "../../lambda/store/user-mover";
import {
  createMovePlan,
  createMoveUser,
  type MoveDependencies,
} from "../../lambda/use-cases/move-user";
import type { Target } from "./target";

const timer: Timer = {
  sleep: async (milliseconds) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  },
};

export interface MoverOptions {
  readonly usersTable: GrantStoreOptions;
  readonly grantsTable: GrantStoreOptions;
  readonly sessions: SessionStore;
  readonly ended: EndedMarks;
  readonly clock: Clock;
  readonly random: Random;
}

export function createMover(target: Target, options: MoverOptions) {
  const { grantKeyArn: keyArn, idpSettings: settings, recoveryQueueUrl: url } = target;
  const profile = createProfile(settings);
  const kms = { keyArn, deployment: settings, client: createKmsClient() };
  const dependencies: MoveDependencies = {
    ...options,
    users: createUserMover(options.usersTable),
    grants: createGrantMover({ ...options.grantsTable, dueAt: createDueAt(profile) }),
    journal: createMoveJournal(options.grantsTable),
    sealer: createKmsSealer(kms),
    opener: createKmsOpener(kms),
    renewals: url === undefined ? undefined : createSqsRenewals({ url, client: createSqsClient() }),
    rotation: profile.refreshToken.rotation,
    subPattern: profile.idToken.subPattern,
    timer,
  };
  return {
    move: createMoveUser(dependencies),
    plan: createMovePlan(dependencies),
    /** The unfinished move from or to `sub`. */
    unfinished: async (sub: string) => await dependencies.journal.read(sub),
  };
}
