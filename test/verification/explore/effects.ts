/** What a request does to the shared world, and what its caller hears of it. */
import { UnavailableError } from "../../../lambda/errors";
import type { EpochMs, UserRecord } from "../../../lambda/model";
import { isEnded } from "../../../lambda/grant/grant-id";
import type { Act } from "./choice";
import { changeFamily, readToken, type RefreshToken } from "./provider";
import { send } from "./provider-effect";
import type { Request } from "./run";
import type { Effect, Stage } from "./stage";
import { change, signatureOf, type Message, type State } from "./state";
import { keyOf, markKey, rowKey } from "./state-key";
import { remember, write } from "./store-effect";
import { spilledToken, storedToken } from "./stored";

export function effectOf(stage: Stage, state: State, act: Act): Effect {
  const request = state.callers[stage.index]?.place?.pending.request;
  if (request === undefined || act === "crash") {
    return { state, answer: undefined };
  }
  const effect = answerTo(stage, state, { request, act });
  return act === "go, then crash" ? { ...effect, answer: undefined } : effect;
}

function answerTo(
  stage: Stage,
  state: State,
  { request, act }: { readonly request: Request; readonly act: Act },
): Effect {
  const { index } = stage;
  switch (request.kind) {
    case "read": {
      const row = stage.setting.rules.read?.(state.row) ?? state.row;
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
      return mark(state, request.at, act);
    case "sleep":
      return { state, answer: { key: "slept" } };
    case "write":
      return write(stage, state, { request, act });
    case "send":
      return send(stage, state, { token: readToken(request.token), act });
    case "revoke":
      return revoke(stage, state, readToken(request.token));
    case "watch":
    case "spill":
    case "take over":
      return enqueue(state, request, { index, act });
    case "find user":
    case "begin erasure":
    case "finish erasure":
      return users(state, request);
  }
}

/** It only rises. */
function mark(state: State, at: EpochMs, act: Act): Effect {
  if (act === "error") {
    const error = new UnavailableError("store_unavailable");
    const lossesLeft = state.lossesLeft - 1;
    return { state: { ...state, lossesLeft }, answer: { key: "mark error", error } };
  }
  const endedAt = Math.max(at, state.endedAt ?? at);
  return { state: { ...state, endedAt }, answer: { key: "marked" } };
}

function revoke({ report }: Stage, state: State, { family }: RefreshToken): Effect {
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
  { index, act }: { readonly index: number; readonly act: Act },
): Effect {
  if (act === "error") {
    const error = new UnavailableError("queue_unavailable");
    const left = { ...state, lossesLeft: state.lossesLeft - 1 };
    // Neither the store nor the queue takes the successor: nothing is left that could.
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

/** The queue takes one of a name in five minutes, whatever became of it. What was taken for an older row is remembered as long as it is there. */
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

/** As the users table does it; nobody else touches the user here. */
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
