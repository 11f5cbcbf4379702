/**
 * What an operator may do, wired to the deployment's own tables, key and secret with the operator's
 * own AWS credentials.
 */
import {
  createBase,
  endedMarks,
  grantStore,
  issuanceReader,
  type ReadVariable,
  refreshTokensTable,
  renewalQueue,
  revocation,
  sessionStore,
  usersTable,
} from "../../lambda/composition";
import type { Environment } from "../../lambda/env";
import { systemRandom } from "../../lambda/platform/random";
import type { Logger } from "../../lambda/ports/runtime";
import { createGrantCounts } from "../../lambda/store/grant-counts";
import { createGrantList } from "../../lambda/store/grant-list";
import { setIssuanceFrozen, setRestored } from "../../lambda/store/issuance";
import { LASTING_OF } from "../../lambda/store/lasting-attributes";
import { createUserEraser } from "../../lambda/store/user-eraser";
import { createUserNames } from "../../lambda/store/user-names";
import { createDisconnect } from "../../lambda/use-cases/disconnect";
import { createErase } from "../../lambda/use-cases/erase";
import { createFreeze, createUnfreeze } from "../../lambda/use-cases/freeze";
import { countAll, pagesOf } from "../../lambda/use-cases/session-pages";
import { guessPreset } from "../../lib/provider/propose";
import { presetOf } from "../../lib/provider/resolve";
import { AdminError } from "./admin-error";
import { unfinishedMove } from "./move-words";
import { createMover } from "./mover";
import { createOperatorSweep } from "./operator-sweep";
import { outlookOf } from "./outlook";
import { createProviderHealth } from "./provider-health";
import type { Target } from "./target";

/** `by` of the operator in a history. */
const BY = "admin";
/** No provider gives such a subject. */
const NOBODY = "§nobody";
/** Time for one call; no platform ends this process. */
const DEADLINE_MS = 60_000;
/** Time for a long command. A repeated one continues where this one stopped. */
const PATIENCE_MS = 10 * 60_000;
const SILENT: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

export function createOperator(target: Target) {
  const base = createBase(variablesOf(target), target.aws, SILENT);
  const { clock } = base;
  const table = refreshTokensTable(base);
  const grants = grantStore(base, LASTING_OF.operator);
  const dependencies = {
    users: createUserEraser(usersTable(base)),
    grants,
    ended: endedMarks(base),
    sessions: sessionStore(base),
    revocation: revocation(base),
    renewals: target.recoveryQueueUrl === undefined ? undefined : renewalQueue(base),
    clock,
    random: systemRandom,
  };
  const { users, ended, sessions } = dependencies;
  const sweeps = createOperatorSweep(base, dependencies);
  const mover = createMover(base, dependencies);
  /** A move locks its items; names the move instead of an unavailable store. */
  const unlessMoving = async <T>(sub: string, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      const move = await mover.unfinished(sub).catch(() => undefined);
      throw move === undefined ? error : unfinishedMove(move);
    }
  };
  const eraseUser = createErase(dependencies);
  const disconnectUser = createDisconnect(dependencies);
  const freezeUser = createFreeze(dependencies);
  const unfreezeUser = createUnfreeze(dependencies);

  const names = createUserNames(usersTable(base));
  const list = createGrantList(table);
  /** A reader keeps the switch for all users for seconds; an operator has just turned it. */
  const issuanceOf = async (sub: string) => await issuanceReader(base).read(sub);
  const { rotation } = base.profile.refreshToken;

  return {
    /** Scopes, and what each opens at this provider. */
    opens: () => presetOf(target.preset ?? guessPreset(target.idpSettings)).scopes,
    status: async (sub: string) => {
      const all = Promise.all([
        users.find(sub),
        grants.read(sub),
        ended.read(sub),
        countAll(pagesOf({ sessions, clock }, sub, clock.now() + PATIENCE_MS)),
      ]);
      const [record, grant, endedAt, count] = await unlessMoving(sub, all);
      return { sub, record, grant, endedAt, sessions: count };
    },
    freeze: async (sub: string) => await unlessMoving(sub, freezeUser({ sub, by: BY })),
    unfreeze: async (sub: string) => await unlessMoving(sub, unfreezeUser({ sub, by: BY })),
    freezeAll: async () => {
      await setIssuanceFrozen(table, clock.now());
    },
    unfreezeAll: async () => {
      await setIssuanceFrozen(table, undefined);
    },
    disconnect: async (sub: string) => {
      const deadline = clock.now() + DEADLINE_MS;
      await unlessMoving(sub, disconnectUser({ sub, by: BY, deadline, log: SILENT }));
    },
    erase: async (sub: string) => {
      const { user, movedTo } = await unlessMoving(sub, users.find(sub));
      if (user === undefined && movedTo !== undefined) {
        throw new AdminError(`nothing was erased: the user was moved to ${movedTo.sub}`);
      }
      return await eraseUser({ sub, deadline: clock.now() + PATIENCE_MS, log: SILENT });
    },
    move: async (from: string, to: string) =>
      await mover.move({ from, to, by: BY, deadline: clock.now() + PATIENCE_MS }),
    movePlan: async (from: string, to: string) =>
      await mover.plan({ from, to, by: BY, deadline: clock.now() + PATIENCE_MS }),
    list,
    counts: createGrantCounts(table),
    /** Of those among them who have a record. */
    names: names.read,
    search: names.search,
    /** What the user's next request for an access token would do. */
    outlook: async (sub: string) => outlookOf(await issuanceOf(sub), clock.now(), rotation),
    /** Whether all users are frozen. */
    isFrozen: async () => (await issuanceOf(NOBODY)).isFrozen,
    providerHealth: createProviderHealth({ settings: target.idpSettings, clock, list, grants }),
    restored: async () => {
      const at = clock.now();
      await setRestored(table, at);
      return at;
    },
    plan: sweeps.plan,
    sweep: async () => await sweeps.sweep(BY, clock.now() + DEADLINE_MS, SILENT),
  };
}

export type Operator = ReturnType<typeof createOperator>;

/** What a function finds in its environment, from the deployment's outputs. */
function variablesOf({ tables, idpSettings, ...target }: Target): ReadVariable {
  const values: Partial<Environment> = {
    IDP_SETTINGS: idpSettings,
    USERS_TABLE: tables.users,
    REFRESH_TOKENS_TABLE: tables.refreshTokens,
    SESSIONS_TABLE: tables.sessions,
    GRANT_KEY_ARN: target.grantKeyArn,
    ...(target.clientSecretArn !== undefined && { CLIENT_SECRET_ARN: target.clientSecretArn }),
    ...(target.clientSigningKeyArn !== undefined && {
      CLIENT_SIGNING_KEY_ARN: target.clientSigningKeyArn,
    }),
    ...(target.recoveryQueueUrl !== undefined && { RECOVERY_QUEUE_URL: target.recoveryQueueUrl }),
  };
  return (name) => {
    const value = values[name];
    if (value === undefined) {
      throw new AdminError(`the outputs do not say ${name}`);
    }
    return value;
  };
}
