/**
 * One run of the real use-case code. It makes one request at a time to the shared world and
 * continues with the answer. Cipher, client authentication and randomness are answered at once,
 * because no other caller could notice when. Only microtasks are used, so a run never waits for a
 * timer.
 */
import { ServiceError } from "../../../lambda/errors";
import type { Grant } from "../../../lambda/grant/grant";
import type { EpochMs, Erasure, Revocation, UserRecord } from "../../../lambda/model";
import type { TokenEndpoint } from "../../../lambda/ports/provider";
import type { Recovery, RecoveryTask } from "../../../lambda/ports/queues";
import type { Clock, Logger } from "../../../lambda/ports/runtime";
import type { GrantStore, UserEraser } from "../../../lambda/ports/stores";
import type { AccessTokenDependencies } from "../../../lambda/refresh/get-access-token";
import type { EraseDependencies } from "../../../lambda/use-cases/erase";
import type { Rotation } from "./provider";
import { CANARY, cheapCipher } from "./sealing";

export type Request =
  /** `isMarked`: one call that also reads the mark of the end. */
  | { readonly kind: "read"; readonly isMarked: boolean }
  | { readonly kind: "mark"; readonly at: EpochMs }
  | { readonly kind: "write"; readonly next: Grant; readonly expected: number }
  | { readonly kind: "send"; readonly token: string }
  | { readonly kind: "revoke"; readonly token: string }
  | { readonly kind: "sleep"; readonly milliseconds: number }
  | { readonly kind: "watch"; readonly task: RecoveryTask; readonly delaySeconds: number }
  | { readonly kind: "spill"; readonly task: RecoveryTask }
  | { readonly kind: "take over"; readonly task: RecoveryTask; readonly revision: number }
  | { readonly kind: "find user" }
  | { readonly kind: "begin erasure"; readonly seen: UserRecord; readonly erasure: Erasure }
  | { readonly kind: "finish erasure"; readonly erasure: Erasure; readonly revocation: Revocation };

/** `key` is unique among the answers to one request. */
export interface Answer {
  readonly key: string;
  readonly value?: unknown;
  readonly error?: Error;
}

export interface End {
  /** The access token that the caller got. */
  readonly accessToken?: string;
  /** Why it got none; `bug` for any error but a ServiceError. */
  readonly reason?: string;
}

export type Pending = (
  | { readonly request: Request; readonly end?: undefined }
  | { readonly end: End; readonly request?: undefined }
) & {
  /** Where a plaintext was seen that must not be there (I11). */
  readonly leak: string | undefined;
};

export type Ports = AccessTokenDependencies & EraseDependencies & { readonly log: Logger };

/** A use case with its arguments. @returns the access token that the caller gets, if any */
export type Program = (ports: Ports) => Promise<string | undefined>;

export interface Run {
  /** @returns the next request, or how the code ended */
  start(now: EpochMs): Promise<Pending>;
  answer(answer: Answer, now: EpochMs): Promise<Pending>;
  /** Whether the code has read the clock since the last answer. */
  hasReadClock(): boolean;
}

export interface RunOptions {
  readonly program: Program;
  /** Prefix of its random ids. */
  readonly prefix: string;
  /** Unique name of its program. */
  readonly label: string;
  readonly rotation: Rotation;
  readonly isRevocable: boolean;
  readonly exchangeIntervalSeconds: number;
  /** A broken rule around the code. */
  readonly breakProgram?: ((program: Program) => Program) | undefined;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

export function createRun(options: RunOptions): Run {
  const state = { now: 0, hasReadClock: false, leak: undefined as string | undefined };
  let revision = 0;
  let waiting: Waiting | undefined;
  let tell: (pending: Pending) => void = () => undefined;

  async function ask<T>(request: Request): Promise<T> {
    if (waiting !== undefined) {
      throw new Error("two requests at once: the schedule would not say which comes first");
    }
    if (request.kind !== "send" && request.kind !== "revoke") {
      watch(request.kind, request);
    }
    const answered = new Promise<T>((resolve, reject) => {
      waiting = { resolve, reject };
    });
    tell({ request, leak: state.leak });
    return await answered;
  }

  function watch(where: string, what: unknown): void {
    if (JSON.stringify(what).includes(CANARY)) {
      state.leak ??= where;
    }
  }

  const clock: Clock = {
    now: () => {
      state.hasReadClock = true;
      return state.now;
    },
  };
  /**
   * Named after the revision that the caller saw last. Callers that draw an id at the same revision
   * draw the same one, and the compare-and-set accepts only one of their writes. So an id in a row
   * belongs to one caller, and does not depend on which caller it is (state-key.ts).
   */
  const id = () => `${options.prefix}${String(revision)}`;
  const ports = portsOf(options, { ask, watch, clock, id });

  async function segment(now: EpochMs, go: () => void): Promise<Pending> {
    state.now = now;
    state.hasReadClock = false;
    const next = new Promise<Pending>((resolve) => {
      tell = resolve;
    });
    go();
    return await next;
  }

  return {
    hasReadClock: () => state.hasReadClock,
    start: async (now) =>
      await segment(now, () => {
        const { program, breakProgram } = options;
        (breakProgram?.(program) ?? program)(ports).then(
          (accessToken) => {
            tell({ end: accessToken === undefined ? {} : { accessToken }, leak: state.leak });
          },
          (error: unknown) => {
            watch("error", String(error));
            const reason = error instanceof ServiceError ? error.reason : "bug";
            tell({ end: { reason }, leak: state.leak });
          },
        );
      }),
    answer: async ({ value, error }, now) =>
      await segment(now, () => {
        revision = revisionIn(value) ?? revision;
        const { resolve, reject } = waiting ?? {
          resolve: () => undefined,
          reject: () => undefined,
        };
        waiting = undefined;
        if (error === undefined) {
          resolve(value as never);
        } else {
          reject(error);
        }
      }),
  };
}

interface Conversation {
  readonly ask: <T>(request: Request) => Promise<T>;
  readonly watch: (where: string, what: unknown) => void;
  readonly clock: Clock;
  readonly id: () => string;
}

/** Revision of the row that was read or written, or that a write found instead. */
function revisionIn(value: unknown): number | undefined {
  const { revision, grant, current } = (value ?? {}) as Partial<Grant> & {
    readonly grant?: Grant;
    readonly current?: Grant;
  };
  return revision ?? grant?.revision ?? current?.revision;
}

function portsOf(options: RunOptions, conversation: Conversation): Ports {
  const { rotation, isRevocable, exchangeIntervalSeconds } = options;
  const { ask, watch, clock, id } = conversation;
  const log = (event: string, fields?: unknown) => {
    watch("log", [event, fields]);
  };
  const grants: GrantStore = {
    read: async () => await ask({ kind: "read", isMarked: false }),
    write: async (next, expected) => await ask({ kind: "write", next, expected }),
  };
  const users: UserEraser = {
    find: async () => await ask({ kind: "find user" }),
    begin: async (_, seen, erasure) => await ask({ kind: "begin erasure", seen, erasure }),
    finish: async (_, erasure, revocation) => {
      await ask({ kind: "finish erasure", erasure, revocation });
    },
  };
  const tokenEndpoint: TokenEndpoint = {
    timeoutMs: 4_000,
    refresh: async (token) => await ask({ kind: "send", token }),
    exchangeCode: () => Promise.resolve({ kind: "refused" }),
    revoke: async (token) => await ask({ kind: "revoke", token }),
  };
  const opening = { opener: cheapCipher, tokenEndpoint, clientAuthentication: CLIENT };
  const recovery: Recovery = {
    watch: async (task, delaySeconds) => {
      await ask({ kind: "watch", task: { kind: "watch", ...task }, delaySeconds });
    },
    spill: async (task) => {
      await ask({ kind: "spill", task: { kind: "spill", ...task } });
    },
    takeOver: async (task, revision) => {
      await ask({ kind: "take over", task: { kind: "take-over", ...task }, revision });
    },
  };
  return {
    ...opening,
    recovery: rotation === "none" ? undefined : recovery,
    grants,
    users,
    clock,
    rotation,
    sealer: cheapCipher,
    revocation: isRevocable ? opening : undefined,
    issuance: { read: async () => await ask({ kind: "read", isMarked: true }) },
    ended: {
      raise: async (_, at) => {
        await ask({ kind: "mark", at });
      },
    },
    sessions: NO_SESSIONS,
    exchangeIntervalSeconds,
    waitingRoom: ROOM_FOR_ALL,
    waitingCallers: Infinity,
    timer: {
      sleep: async (milliseconds) => {
        await ask({ kind: "sleep", milliseconds });
      },
    },
    random: { id, fraction: () => 0.5 },
    log: { info: log, warn: log, error: log },
  };
}

/** A caller that is sent away does less than one that waits, so this loses no schedule. */
const ROOM_FOR_ALL: Ports["waitingRoom"] = { enter: () => Promise.resolve(true) };

const CLIENT: Ports["clientAuthentication"] = {
  prepare: () => Promise.resolve({ fields: {} }),
  renew: () => Promise.resolve(undefined),
};

const NO_SESSIONS: Ports["sessions"] = {
  page: () => Promise.resolve({ entries: [], next: undefined }),
  end: () => Promise.resolve(),
};
