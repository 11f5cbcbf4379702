/** Everything that the callers share, and where each of them stands: a value that can be kept, compared and gone back to. */
import type { EpochMs, Grant, UserRecord } from "../../lambda/model";
import type { RecoveryTask } from "../../lambda/ports";
import { newestRefreshToken } from "../../lambda/use-cases/grant";
import type { Behaviour, Place } from "./behaviour";
import type { Invariant } from "./invariants";
import { SUB, START, type Role } from "./programs";
import {
  isLive,
  NEW_FAMILY,
  readToken,
  writeToken,
  type Provider,
  type RefreshToken,
  type Rotation,
} from "./provider";
import type { Program, Request } from "./run";
import { numberOf, openSealed, sealFor } from "./sealing";

/** What is explored. */
export interface Configuration {
  readonly name: string;
  readonly rotation: Rotation;
  /** Callers that are there at once; a later one comes when all have ended. */
  readonly roles: readonly Role[];
  readonly crashes: number;
  readonly losses: number;
  /** The provider has a revocation endpoint. */
  readonly isRevocable?: boolean;
  /** Signing in anew ends what the provider gave before. */
  readonly isExclusive?: boolean;
  /** Of access tokens. @default shorter than anybody asks for, so that each caller that comes later exchanges again */
  readonly lifetimeMs?: number;
  /** Each caller is noted under a name of its own. */
  readonly isEachNoted?: boolean;
}

/** Rules of the world that a broken variant changes. */
export interface Rules {
  readonly read?: (row: Grant | undefined) => Grant | undefined;
  /** Undefined: as ever. */
  readonly write?: (
    row: Grant | undefined,
    request: Request & { kind: "write" },
  ) => { readonly row: Grant; readonly answer: Grant } | undefined;
  readonly breakProgram?: (program: Program) => Program;
  /** The provider takes predecessors for ever. */
  readonly isGraceEndless?: boolean;
  /** Known to be broken, and not what is looked for. */
  readonly isSuspended?: readonly Invariant[];
}

export interface Setting {
  readonly configuration: Configuration;
  readonly rules: Rules;
  readonly behaviour: Behaviour;
}

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
}

/** An item of the queue: brought at least once, when it is due. */
export interface Message {
  readonly task: RecoveryTask;
  readonly due: EpochMs;
  /** It comes again although it was done with. */
  readonly isTwice: boolean;
}

export interface State {
  readonly now: EpochMs;
  readonly row: Grant | undefined;
  readonly users: UserRecord;
  readonly provider: Provider;
  /** First those of the configuration, then whoever took something from the queue. */
  readonly callers: readonly Caller[];
  readonly queue: readonly Message[];
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
    users: { user: USER, erasure: undefined, revocation: undefined },
    provider: { families: [NEW_FAMILY, NEW_FAMILY], exchanges: [] },
    callers: roles.map(() => NOBODY),
    queue: [],
    ...{ crashesLeft: crashes, lossesLeft: losses },
    ...{ durable: [0, -1], committed: 0, isForfeited: false },
  };
}

const USER = {
  ...{ sub: SUB, claims: {}, attributes: {}, createdAt: 0, updatedAt: 0 },
  ...{ claimsIssuedAt: 0, claimsTokenHash: undefined, version: 1 },
};

const storedTokens = new WeakMap<Grant, { readonly token: RefreshToken | undefined }>();

/** Undefined where the row has none, or where it does not open under the row's own context. */
export function storedToken(row: Grant | undefined): RefreshToken | undefined {
  const known = row && storedTokens.get(row);
  if (row === undefined || known !== undefined) {
    return known?.token;
  }
  const token = openStored(row);
  storedTokens.set(row, { token });
  return token;
}

function openStored(row: Grant): RefreshToken | undefined {
  const newest = newestRefreshToken(row);
  if (newest === undefined) {
    return undefined;
  }
  const { sub, grantId } = row;
  const context = { sub, grantId, gen: newest.gen, purpose: "refresh_token" } as const;
  const text = openSealed(newest.ciphertext, context);
  return text === undefined ? undefined : readToken(text);
}

/** A later caller would be served with what is stored, in the row or in the queue. */
export function isUsable({ provider, row, queue, callers }: State): boolean {
  const token = storedToken(row);
  const inWork = callers.flatMap(({ message }) => (message === undefined ? [] : [message]));
  return (
    (token !== undefined && isLive(provider, token)) ||
    [...queue, ...inWork].some(({ task }) => {
      const spilled = spilledToken(task);
      return (
        spilled !== undefined &&
        task.kind === "spill" &&
        task.grantId === row?.grantId &&
        isLive(provider, spilled)
      );
    })
  );
}

export function spilledToken(task: RecoveryTask): RefreshToken | undefined {
  if (task.kind !== "spill") {
    return undefined;
  }
  const { sub, grantId, refreshToken } = task;
  const { gen, ciphertext } = refreshToken;
  const text = openSealed(ciphertext, { sub, grantId, gen, purpose: "refresh_token" });
  return text === undefined ? undefined : readToken(text);
}

/** Whether whoever takes the item finds something to do. */
export function isRelevant({ task }: Message, row: Grant | undefined): boolean {
  return (
    task.kind === "spill" ||
    (task.kind === "watch" &&
      row?.grantId === task.grantId &&
      (row.lease?.owner === task.owner || row.lease?.takenOver === true))
  );
}

/** Who may do something yet, as far as the row's lease is concerned. */
export function holderOf({ row, callers }: State): Caller | undefined {
  const owner = row?.lease?.owner;
  return owner === undefined ? undefined : callers[Number(/^c(\d+)-/.exec(owner)?.[1] ?? NaN)];
}

/** Changes whenever a poll would find something else. */
export function signatureOf(row: Grant | undefined, now: EpochMs): string {
  const isLapsed = row?.lease !== undefined && row.lease.expiresAt <= now;
  return `${String(row?.revision)}${isLapsed ? "!" : ""}`;
}

const SHOWN_ONLY = {
  ...{ since: undefined, lastExchangeAt: undefined, history: undefined },
  ...{ refreshToken: undefined, accessToken: undefined, inbox: undefined },
};

const rowKeys = new WeakMap<Grant, string>();

/**
 * What of a row can make a difference to the code. Left out: `since` and `lastExchangeAt`, which it only shows, and of the history what
 * `isNoted` (grant.ts), its only reader here, does not look at. (Twenty entries, where it begins to forget, are out of reach.)
 */
export function rowKey(row: Grant | undefined): string {
  if (row === undefined) {
    return "-";
  }
  const known = rowKeys.get(row);
  if (known !== undefined) {
    return known;
  }
  const { history, refreshToken, accessToken, inbox } = row;
  const noted = new Map<string, number>();
  for (const { by, outcome, at } of history) {
    if (outcome === "served" || outcome === "exchanged") {
      noted.set(by, Math.max(at, noted.get(by) ?? 0));
    }
  }
  const number = (sealed: { ciphertext: Uint8Array } | undefined) =>
    sealed === undefined ? -1 : numberOf(sealed.ciphertext);
  const secrets = [number(refreshToken), number(accessToken), accessToken?.expiresAt];
  const rest = { ...row, ...SHOWN_ONLY };
  const key = JSON.stringify([rest, secrets, inbox.map(number), [...noted].sort()]);
  const short = internKey(key);
  rowKeys.set(row, short);
  return short;
}

const interned = new Map<string, string>();

/** For those who never compare states of two runs: what was remembered for it is let go. */
export function forgetKeys(): void {
  interned.clear();
}

function internKey(key: string): string {
  const known = interned.get(key);
  if (known !== undefined) {
    return known;
  }
  const short = interned.size.toString(36);
  interned.set(key, short);
  return short;
}

const sharedKeys = new WeakMap<object, string>();

function keyOf(value: object): string {
  const known = sharedKeys.get(value);
  if (known !== undefined) {
    return known;
  }
  const short = internKey(JSON.stringify(value));
  sharedKeys.set(value, short);
  return short;
}

/** Two states with the same key have the same future. Those who have ended differ in nothing any more. */
export function stateKey(state: State): string {
  const { now, row, users, provider, durable, committed, queue } = state;
  const shared = `${(now - START).toString(36)} ${rowKey(row)} ${keyOf(users)} ${keyOf(provider)} ${keyOf(queue)}`;
  const left = `${String(state.crashesLeft)}${String(state.lossesLeft)}${state.isForfeited ? "f" : ""}`;
  const callers = state.callers.map(callerKey).join(",");
  return `${shared} ${durable.join(".")} ${committed.toString(36)} ${left} ${callers}`;
}

function callerKey({
  status,
  place,
  message,
  isAnswerLost,
  isStoreDown,
  seen,
  got,
}: Caller): string {
  if (status !== "live") {
    return status === "idle" ? "-" : "";
  }
  const flags = `${isAnswerLost ? "l" : ""}${isStoreDown ? "d" : ""}`;
  const held = got === undefined ? "" : `g${String(got.family)}.${String(got.serial)}`;
  const taken = message?.isTwice === true ? "t" : "";
  return `${(place?.id ?? 0).toString(36)}${taken}${flags}${held}:${seen ?? ""}`;
}
