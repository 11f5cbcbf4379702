/** The effect of a request on the shared world, and its answer. */
import { UnavailableError } from "../../../lambda/errors";
import { isEnded } from "../../../lambda/grant/grant-id";
import type { EpochMs, UserRecord } from "../../../lambda/model";
import type { Fault } from "./choice";
import { changeFamily, readToken, type RefreshToken } from "./provider";
import { send } from "./provider-effect";
import type { Request } from "./run";
import { change, type Message, signatureOf, type State } from "./state";
import { keyOf, markKey, rowKey } from "./state-key";
import type { Effect, StepContext } from "./step-context";
import { remember, write } from "./store-effect";
import { spilledToken, storedToken } from "./stored";

export function effectOf(stepContext: StepContext, state: State, fault: Fault): Effect {
  const request = state.callers[stepContext.index]?.processState?.pending.request;
  if (request === undefined || fault === "crash") {
    return { state, answer: undefined };
  }
  const effect = answerTo(stepContext, state, { request, fault });
  return fault === "applied, then crash" ? { ...effect, answer: undefined } : effect;
}

function answerTo(
  stepContext: StepContext,
  state: State,
  { request, fault }: { readonly request: Request; readonly fault: Fault },
): Effect {
  const { index } = stepContext;
  switch (request.kind) {
    case "read": {
      const row = stepContext.scenario.rules.read?.(state.row) ?? state.row;
      const seen = signatureOf(state.row, state.now);
      const { endedAt } = state;
      const answer = request.isMarked
        ? {
            key: `r${rowKey(row)} ${markKey(endedAt)}`,
            value: { grant: row, endedAt, isFrozen: false },
          }
        : { key: `r${rowKey(row)}`, value: row };
      return { state: change(state, index, { seen }), answer };
    }
    case "mark":
      return mark(state, request.at, fault);
    case "sleep":
      return { state, answer: { key: "slept" } };
    case "write":
      return write(stepContext, state, { request, fault });
    case "send":
      return send(stepContext, state, { token: readToken(request.token), fault });
    case "revoke":
      return revoke(stepContext, state, readToken(request.token));
    case "watch":
    case "spill":
    case "take over":
      return enqueue(state, request, { index, fault });
    case "find user":
    case "begin erasure":
    case "finish erasure":
      return users(state, request);
  }
}

/** A mark only rises. */
function mark(state: State, at: EpochMs, fault: Fault): Effect {
  if (fault === "error") {
    const error = new UnavailableError("store_unavailable");
    const lossesLeft = state.lossesLeft - 1;
    return { state: { ...state, lossesLeft }, answer: { key: "mark error", error } };
  }
  const endedAt = Math.max(at, state.endedAt ?? at);
  return { state: { ...state, endedAt }, answer: { key: "marked" } };
}

function revoke({ report }: StepContext, state: State, { family }: RefreshToken): Effect {
  const { row, endedAt } = state;
  const isAlive = row?.status === "active" && !isEnded(row, endedAt);
  const isInUse = isAlive && storedToken(row)?.family === family;
  if (isInUse) {
    report("I7", "a grant in use was revoked");
  }
  const provider = changeFamily(state.provider, family, {
    isRevoked: true,
    isEndedByUser: true,
  });
  return { state: { ...state, provider }, answer: { key: "revoked", value: true } };
}

type QueueRequest = Request & { kind: "watch" | "spill" | "take over" };

function enqueue(
  state: State,
  request: QueueRequest,
  { index, fault }: { readonly index: number; readonly fault: Fault },
): Effect {
  if (fault === "error") {
    const error = new UnavailableError("queue_unavailable");
    const left = { ...state, lossesLeft: state.lossesLeft - 1 };
    // Neither store nor queue accepts the successor, and there is no third processState.
    const failed = request.kind === "spill" ? change(left, index, { isStoreDown: true }) : left;
    return { state: failed, answer: { key: "queue error", error } };
  }
  const { task } = request;
  const answer = { key: "queued" };
  const revision = request.kind === "take over" ? request.revision : undefined;
  if (revision !== undefined && wasTaken(state, { task, revision })) {
    return { state, answer };
  }
  const delay = request.kind === "watch" ? request.delaySeconds * 1000 : 0;
  const queued: State = {
    ...state,
    queue: [...state.queue, { task, revision, due: state.now + delay, isTwice: false }],
    takenFor: Math.max(state.takenFor, revision ?? 0),
  };
  return { state: remember(queued, spilledToken(task)), answer };
}

/**
 * The FIFO queue accepts one message of a deduplication id in five minutes, even after it was done.
 * What was accepted for an older row is remembered while the row is there.
 */
function wasTaken(
  { row, takenFor, queue, callers }: State,
  { task, revision }: Pick<Message, "task" | "revision">,
): boolean {
  const isThere = (message: Message | undefined) =>
    message !== undefined && message.revision === revision && keyOf(message.task) === keyOf(task);
  return (
    (row?.revision === revision && takenFor === revision) ||
    queue.some(isThere) ||
    callers.some(({ message }) => isThere(message))
  );
}

type UserRequest = Request & { kind: "find user" | "begin erasure" | "finish erasure" };

/** As the users table does it; no other caller touches the user here. */
function users(state: State, request: UserRequest): Effect {
  const keyed = (record: UserRecord, value: unknown): Effect => ({
    state: { ...state, users: record },
    answer: { key: JSON.stringify([request.kind, value]), value },
  });
  switch (request.kind) {
    case "find user":
      return keyed(state.users, state.users);
    case "begin erasure": {
      const isAsSeen =
        state.users.user?.version === request.seen.user?.version &&
        state.users.erasure?.at === request.seen.erasure?.at;
      const begun = { user: undefined, erasure: request.erasure, revocation: undefined };
      return keyed(isAsSeen ? begun : state.users, isAsSeen);
    }
    case "finish erasure":
      return keyed({ ...state.users, revocation: request.revocation }, undefined);
  }
}
