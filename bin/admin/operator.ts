/**
 * What an operator may do, wired to the deployment's own tables, key and secret with the
 * operator's own AWS credentials.
 */
import { randomUUID } from "node:crypto";
import { createDueAt } from "../../lambda/grant/phase";
import {
  createClientSecretSource,
  createSecretsManagerClient,
} from "../../lambda/idp/client-secret";
import { createHttpClient } from "../../lambda/idp/http-client";
import { createProfile } from "../../lambda/idp/profile";
import { createTokenEndpoint } from "../../lambda/idp/token-endpoint";
import { createKmsClient } from "../../lambda/kms/client";
import { createKmsOpener } from "../../lambda/kms/kms-opener";
import type { Clock, Logger } from "../../lambda/ports";
import { createDocumentClient } from "../../lambda/store/dynamodb";
import { createEndedMarks } from "../../lambda/store/ended-marks";
import { createGrantList } from "../../lambda/store/grant-list";
import { createGrantStore } from "../../lambda/store/grant-store";
import { setIssuanceFrozen, setRestored } from "../../lambda/store/issuance";
import { createSessionStore } from "../../lambda/store/session-store";
import { createUserEraser } from "../../lambda/store/user-eraser";
import { LASTING_OF } from "../../lambda/store/written-attributes";
import { createDisconnect } from "../../lambda/use-cases/disconnect";
import { createErase } from "../../lambda/use-cases/erase";
import { createFreeze, createUnfreeze } from "../../lambda/use-cases/freeze";
import { countAll, pagesOf } from "../../lambda/use-cases/session-pages";
import { AdminError } from "./admin-error";
import { unfinishedMove } from "./move-words";
import { createMover } from "./mover";
import { createOperatorSweep } from "./operator-sweep";
import type { Target } from "./target";

/** `by` of the operator in a history. */
const BY = "admin";
/** Time for one call; no platform ends this process. */
const DEADLINE_MS = 60_000;
/** Time for a long command. A repeated one continues where this one stopped. */
const PATIENCE_MS = 10 * 60_000;
const SILENT: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

const clock: Clock = { now: () => Date.now() };
const random = { id: () => randomUUID(), fraction: () => 0.5 };

export function createOperator(target: Target) {
  const { tables, idpSettings: settings } = target;
  const client = createDocumentClient();
  const table = { table: tables.refreshTokens, client };
  const dueAt = createDueAt(createProfile(settings));
  const grants = createGrantStore({ ...table, dueAt, lasting: LASTING_OF.operator });
  const ended = createEndedMarks(table);
  const users = createUserEraser({ table: tables.users, client });
  const sessions = createSessionStore({ table: tables.sessions, client });
  const revocation = settings.revocationEndpoint === undefined ? undefined : revocationOf(target);
  const dependencies = { users, grants, ended, sessions, revocation, clock, random };
  const sweeps = createOperatorSweep({
    ...dependencies,
    dueAt,
    queueUrl: target.recoveryQueueUrl,
    usersTable: { table: tables.users, client },
    grantsTable: table,
  });
  const mover = createMover(target, {
    sessions,
    ended,
    clock,
    random,
    grantsTable: table,
    usersTable: { table: tables.users, client },
  });
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

  return {
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
    list: createGrantList(table),
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

function revocationOf({ idpSettings: settings, grantKeyArn, clientSecretArn }: Target) {
  const profile = createProfile(settings);
  const http = createHttpClient();
  return {
    opener: createKmsOpener({
      keyArn: grantKeyArn,
      deployment: settings,
      client: createKmsClient(),
    }),
    tokenEndpoint: createTokenEndpoint({ settings, profile, http, clock }),
    clientSecret: createClientSecretSource({
      arn: clientSecretArn,
      client: createSecretsManagerClient(),
      clock,
    }),
  };
}
