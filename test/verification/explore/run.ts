/**
 * One run of the real use-case code. Its ports are a conversation: the code asks one thing of the shared world at a time, and goes on when it is
 * answered; everything that it asks of nobody else (cipher, client secret, randomness) is answered on the spot, since nobody could notice when.
 * Only microtasks are used, so a run is over as soon as it can be.
 */
import { ServiceError } from "../../../lambda/errors";
import type { EpochMs, Erasure, Revocation, UserRecord } from "../../../lambda/model";
import type { Grant } from "../../../lambda/grant/grant";
import type { Clock, Logger } from "../../../lambda/ports/runtime";
import type { GrantStore, UserEraser } from "../../../lambda/ports/stores";
import type { Recovery, RecoveryTask } from "../../../lambda/ports/queues";
import type { TokenEndpoint } from "../../../lambda/ports/provider";
import type { AccessTokenDependencies } from "../../../lambda/refresh/get-access-token";
import type { EraseDependencies } from "../../../lambda/use-cases/erase";
import type { Rotation } from "./provider";
import { CANARY, cheapCipher } from "./sealing";

export type Request =
  /** `isMarked`: with the mark of what has ended, in one call. */
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

/** `key` tells it from every other answer to the same request. */
export interface Answer {
  readonly key: string;
  readonly value?: unknown;
  readonly error?: Error;
}

export interface End {
  /** What the caller was given. */
  readonly accessToken?: string;
  /** Why it was given nothing; `bug` for whatever is no error of ours. */
  readonly reason?: string;
}

export type Pending = (
  | { readonly request: Request; readonly end?: undefined }
  | { readonly end: End; readonly request?: undefined }
) & {
  /** A plaintext was seen where none may be (I11). */
  readonly leak: string | undefined;
};

export type Ports = AccessTokenDependencies & EraseDependencies & { readonly log: Logger };

/** A use case with its arguments; yields the access token that its caller is given, if any. */
export type Program = (ports: Ports) => Promise<string | undefined>;

export interface Run {
  /** What the code asks next, or how it ended. */
  start(now: EpochMs): Promise<Pending>;
  answer(answer: Answer, now: EpochMs): Promise<Pending>;
  /** Whether the code looked at the clock since the last answer. */
  hasReadClock(): boolean;
}

export interface RunOptions {
  readonly program: Program;
  /** What its random ids begin with. */
  readonly prefix: string;
  /** Tells its program from others. */
  readonly label: string;
  readonly rotation: Rotation;
  readonly isRevocable: boolean;
  readonly exchangeIntervalSeconds: number;
  /** A broken rule, put around the code. */
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
   * Named after the revision that its caller saw last. Those who draw at the same one draw the same, and the compare-and-set lets only one of them write it; so in
   * every row a name is one caller's, and it is the same name whoever that is (state-key.ts).
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

/** Of the row that was read, written or met instead. */
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
  const clientSecret = {
    current: () => Promise.resolve("client secret"),
    reread: () => Promise.resolve("client secret"),
  };
  const opening = { opener: cheapCipher, tokenEndpoint, clientSecret };
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
    ...{ grants, users, clock, rotation, sealer: cheapCipher },
    revocation: isRevocable ? opening : undefined,
    issuance: { read: async () => await ask({ kind: "read", isMarked: true }) },
    ended: {
      raise: async (_, at) => {
        await ask({ kind: "mark", at });
      },
    },
    sessions: NO_SESSIONS,
    ...{ exchangeIntervalSeconds, waitingRoom: ROOM_FOR_ALL, waitingCallers: Infinity },
    timer: {
      sleep: async (milliseconds) => {
        await ask({ kind: "sleep", milliseconds });
      },
    },
    random: { id, fraction: () => 0.5 },
    log: { info: log, warn: log, error: log },
  };
}

/** Whoever is sent away at once does less than whoever waits: that adds no schedule. */
const ROOM_FOR_ALL: Ports["waitingRoom"] = { enter: () => Promise.resolve(true) };

const NO_SESSIONS: Ports["sessions"] = {
  page: () => Promise.resolve({ entries: [], next: undefined }),
  end: () => Promise.resolve(),
};
