/** Everything that the callers share, and where each of them stands: a value that can be kept, compared and gone back to. */
import type { EpochMs, UserRecord } from "../../../lambda/model";
import type { Grant } from "../../../lambda/grant/grant";
import type { RecoveryTask } from "../../../lambda/ports/queues";
import type { Place } from "./behaviour";
import { SUB, START } from "./programs";
import { NEW_FAMILY, writeToken, type Provider, type RefreshToken } from "./provider";
import { sealFor } from "./sealing";
import type { Configuration } from "./setting";

export interface Caller {
  readonly status: "idle" | "live" | "ended";
  readonly place: Place | undefined;
  /** The platform ends it then. */
  readonly deadline: EpochMs;
  /** Its write was applied and the answer lost: the SDK asks again. */
  readonly isAnswerLost: boolean;
  /** The store takes nothing more from it. */
  readonly isStoreDown: boolean;
  /** When its sleep is over. */
  readonly wakesAt: EpochMs;
  /** The row as it read it last, before it slept. */
  readonly seen: string | undefined;
  /** The successor that it was given and that nobody else has yet. */
  readonly got: RefreshToken | undefined;
  /** What it took from the queue. */
  readonly message: Message | undefined;
  /** Of the lease that it took last. */
  readonly owner: string | undefined;
}

/** An item of the queue: brought at least once, when it is due. */
export interface Message {
  readonly task: RecoveryTask;
  /** Of the row for which a `take-over` was sent. */
  readonly revision: number | undefined;
  readonly due: EpochMs;
  /** It comes again although it was done with. */
  readonly isTwice: boolean;
}

export interface State {
  readonly now: EpochMs;
  readonly row: Grant | undefined;
  /** The mark of what has ended. */
  readonly endedAt: EpochMs | undefined;
  readonly users: UserRecord;
  readonly provider: Provider;
  /** First those of the configuration, then whoever took something from the queue. */
  readonly callers: readonly Caller[];
  /** Those that come in their order are in it. */
  readonly queue: readonly Message[];
  /** The revision for which a `take-over` was taken last. */
  readonly takenFor: number;
  readonly crashesLeft: number;
  readonly lossesLeft: number;
  /** Of each family, the newest serial that was ever stored. */
  readonly durable: readonly number[];
  /** One bit for each exchange whose access token was ever stored. */
  readonly committed: number;
  /** Strict: a successor existed only where a crash or a loss has destroyed it (K9 to K11). */
  readonly isForfeited: boolean;
}

export const NOBODY: Caller = {
  status: "idle",
  place: undefined,
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

/** One user, signed in a while ago, with the first token of the first family. */
export function initialState({ roles, crashes, losses }: Configuration): State {
  const ciphertext = sealFor(
    writeToken({ family: 0, serial: 0 }),
    { sub: SUB, grantId: FIRST_GRANT, gen: 1 },
    "refresh_token",
  );
  return {
    now: START,
    row: {
      ...{ sub: SUB, grantId: FIRST_GRANT, revision: 1, status: "active", since: START },
      ...{ refreshToken: { ciphertext, gen: 1 }, inbox: [], history: [] },
    },
    endedAt: undefined,
    users: { user: USER, erasure: undefined, revocation: undefined },
    provider: { families: [NEW_FAMILY, NEW_FAMILY], exchanges: [] },
    callers: roles.map(() => NOBODY),
    queue: [],
    takenFor: 0,
    ...{ crashesLeft: crashes, lossesLeft: losses },
    ...{ durable: [0, -1], committed: 0, isForfeited: false },
  };
}

const USER = {
  ...{ sub: SUB, claims: {}, attributes: {}, createdAt: 0, updatedAt: 0 },
  ...{ claimsIssuedAt: 0, claimsTokenHash: undefined, version: 1 },
};

export function change(state: State, index: number, caller: Partial<Caller>): State {
  const callers = state.callers.map((one, at) => (at === index ? { ...one, ...caller } : one));
  return { ...state, callers };
}

/** Whether whoever takes the item finds something to do. */
export function isRelevant({ task }: Message, row: Grant | undefined): boolean {
  return (
    task.kind === "spill" ||
    ((task.kind === "watch" || task.kind === "take-over") &&
      row?.grantId === task.grantId &&
      (row.lease?.owner === task.owner || row.lease?.takenOver === true))
  );
}

/** Tasks that come one by one, each when the one before it is done with. */
export function isOrdered({ task }: Message): boolean {
  return task.kind === "spill" || task.kind === "take-over";
}

/** The queue brings nothing of a grant while something older of it is there or at work. */
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

/** Who may do something yet, as far as the row's lease is concerned. */
export function holderOf({ row, callers }: State): Caller | undefined {
  const owner = row?.lease?.owner;
  return owner === undefined ? undefined : callers.find((caller) => caller.owner === owner);
}

/** Changes whenever a poll would find something else. */
export function signatureOf(row: Grant | undefined, now: EpochMs): string {
  const isLapsed = row?.lease !== undefined && row.lease.expiresAt <= now;
  return `${String(row?.revision)}${isLapsed ? "!" : ""}`;
}
