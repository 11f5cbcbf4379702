/** `rollup-vault admin move`, wired: it opens and seals with the operator's own AWS credentials. */
import {
  type Base,
  opener,
  refreshTokensTable,
  sealer,
  subPattern,
  usersTable,
} from "../../lambda/composition";
import { systemTimer } from "../../lambda/platform/clock";
import { systemRandom } from "../../lambda/platform/random";
import type { RenewalQueue } from "../../lambda/ports/queues";
import type { EndedMarks, SessionStore } from "../../lambda/ports/stores";
import { createGrantMover } from "../../lambda/store/grant-mover";
import { createMoveJournal } from "../../lambda/store/move-journal";
import { createUserMover } from "../../lambda/store/user-mover";
import {
  createMovePlan,
  createMoveUser,
  type MoveDependencies,
} from "../../lambda/use-cases/move-user";

export interface MoverOptions {
  readonly sessions: SessionStore;
  readonly ended: EndedMarks;
  readonly renewals: RenewalQueue | undefined;
}

export function createMover(base: Base, options: MoverOptions) {
  const { profile, dueAt, clock } = base;
  const grantsTable = refreshTokensTable(base);
  const dependencies: MoveDependencies = {
    ...options,
    users: createUserMover(usersTable(base)),
    grants: createGrantMover({ ...grantsTable, dueAt }),
    journal: createMoveJournal(grantsTable),
    sealer: sealer(base),
    opener: opener(base),
    rotation: profile.refreshToken.rotation,
    subPattern: subPattern(base),
    clock,
    timer: systemTimer,
    random: systemRandom,
  };
  return {
    move: createMoveUser(dependencies),
    plan: createMovePlan(dependencies),
    /** The unfinished move from or to `sub`. */
    unfinished: async (sub: string) => await dependencies.journal.read(sub),
  };
}
