/**
 * Everything that the callers share, and the state of each caller: a value that can be stored,
 * compared and restored.
 */
import type { Grant } from "../../../lambda/grant/grant";
import type { EpochMs, UserRecord } from "../../../lambda/model";
import type { RecoveryTask } from "../../../lambda/ports/queues";
import { START, SUB } from "./programs";
import { NEW_FAMILY, type Provider, type RefreshToken, writeToken } from "./provider";
import type { ProcessState } from "./replay-cache";
import type { Configuration } from "./scenario";
import { sealFor } from "./sealing";

export interface Caller {
  readonly status: "idle" | "live" | "ended";
  readonly processState: ProcessState | undefined;
  /** The platform ends the process then. */
  readonly deadline: EpochMs;
  /** Its write was applied and the answer lost: the SDK repeats the request. */
  readonly isAnswerLost: boolean;
  /** The store accepts no write of this caller any more. */
  readonly isStoreDown: boolean;
  /** When its sleep ends. */
  readonly wakesAt: EpochMs;
  /** The row that it read last, before its sleep. */
  readonly seen: string | undefined;
  /** The successor that only this caller has. */
  readonly got: RefreshToken | undefined;
  /** The item that it took from the queue. */
  readonly message: Message | undefined;
  /** Owner of the lease that it took last. */
  readonly owner: string | undefined;
}

/** A queue item: delivered at least once, from when it is due. */
export interface Message {
  readonly task: RecoveryTask;
  /** Revision of the row for which a `take-over` was sent. */
  readonly revision: number | undefined;
  readonly due: EpochMs;
  /** It is delivered once more although it was done. */
  readonly isTwice: boolean;
}

export interface State {
  readonly now: EpochMs;
  readonly row: Grant | undefined;
  /** The mark of the end. */
  readonly endedAt: EpochMs | undefined;
  readonly users: UserRecord;
  readonly provider: Provider;
  /** First the callers of the configuration, then the queue's consumers. */
  readonly callers: readonly Caller[];
  /** Includes the items of the ordered queue. */
  readonly queue: readonly Message[];
  /** Revision for which a `take-over` was accepted last. */
  readonly takenFor: number;
  readonly crashesLeft: number;
  readonly lossesLeft: number;
  /** The newest serial that was ever stored, by family. */
  readonly durable: readonly number[];
  /** One bit for each refresh whose access token was ever stored. */
  readonly committed: number;
  /** Strict: a crash or a loss has destroyed the only copy of a successor (K9 to K11). */
  readonly isLossExcused: boolean;
}

export const IDLE_CALLER: Caller = {
  status: "idle",
  processState: undefined,
  deadline: 0,
  isAnswerLost: false,
  isStoreDown: false,
  wakesAt: 0,
  seen: undefined,
  got: undefined,
  message: undefined,
  owner: undefined,
};

const FIRST_GRANT = "g0";

/** One signed-in user with the first token of the first family. */
export function initialState({ roles, crashes, losses }: Configuration): State {
  const ciphertext = sealFor(
    writeToken({ family: 0, serial: 0 }),
    { sub: SUB, grantId: FIRST_GRANT, gen: 1 },
    "refresh_token",
  );
  return {
    now: START,
    row: {
      sub: SUB,
      grantId: FIRST_GRANT,
      revision: 1,
      status: "active",
      since: START,
      refreshToken: { ciphertext, gen: 1 },
      inbox: [],
      history: [],
    },
    endedAt: undefined,
    users: { user: USER, erasure: undefined, revocation: undefined },
    provider: { families: [NEW_FAMILY, NEW_FAMILY], exchanges: [] },
    callers: roles.map(() => IDLE_CALLER),
    queue: [],
    takenFor: 0,
    crashesLeft: crashes,
    lossesLeft: losses,
    durable: [0, -1],
    committed: 0,
    isLossExcused: false,
  };
}

const USER = {
  sub: SUB,
  claims: {},
  attributes: {},
  createdAt: 0,
  updatedAt: 0,
  claimsIssuedAt: 0,
  claimsTokenHash: undefined,
  version: 1,
};

export function change(state: State, index: number, caller: Partial<Caller>): State {
  const callers = state.callers.map((one, at) => (at === index ? { ...one, ...caller } : one));
  return { ...state, callers };
}

/** Whether the item's consumer finds something to do. */
export function isRelevant({ task }: Message, row: Grant | undefined): boolean {
  return (
    task.kind === "spill" ||
    ((task.kind === "watch" || task.kind === "take-over") &&
      row?.grantId === task.grantId &&
      (row.lease?.owner === task.owner || row.lease?.takenOver === true))
  );
}

/** Tasks of the FIFO queue: each comes when the one before it is done. */
export function isOrdered({ task }: Message): boolean {
  return task.kind === "spill" || task.kind === "take-over";
}

/** The FIFO queue delivers no item of a grant while an older one is queued or in work. */
export function isItsTurn({ queue, callers }: State, message: Message): boolean {
  const isBefore = (other: Message | undefined) =>
    other !== undefined && isOrdered(other) && groupOf(other) === groupOf(message);
  return (
    !isOrdered(message) ||
    (queue.find(isBefore) === message && !callers.some((caller) => isBefore(caller.message)))
  );
}

function groupOf({ task }: Message): string | undefined {
  return "grantId" in task ? task.grantId : undefined;
}

/** The caller that has the row's lease. */
export function holderOf({ row, callers }: State): Caller | undefined {
  const owner = row?.lease?.owner;
  return owner === undefined ? undefined : callers.find((caller) => caller.owner === owner);
}

/** Changes whenever a poll would read something new. */
export function signatureOf(row: Grant | undefined, now: EpochMs): string {
  const isLapsed = row?.lease !== undefined && row.lease.expiresAt <= now;
  return `${String(row?.revision)}${isLapsed ? "!" : ""}`;
}
